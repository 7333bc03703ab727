export {
  type GoldenKind as Kind,
  type GoldenQuestion as GoldenLine,
  goldenKinds as kinds,
  readGolden,
} from "../../src/knowledge/rehearsal/golden-questions.ts";
