import { readFileSync } from "node:fs";
import { AppError } from "../../errors.ts";
import { subjectBuckets } from "./message-features.ts";

/** What `scripts/train-abstention` learned, with how it was learned. See README.md. */
export interface AbstentionWeights {
  readonly format: 1;
  /** The command that makes this file. */
  readonly command: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly figures: Readonly<Record<string, string>>;
  readonly subject: {
    readonly bias: number;
    /** A stored value from -127 to 127 stands for itself times this. */
    readonly scale: number;
    /** One signed byte for each row, in base64. */
    readonly rows: string;
    readonly cues: Readonly<Record<string, number>>;
    /** Less than this is named `out_of_scope` before anything is searched. */
    readonly leastChance: number;
    /** From here on a message is ours where nothing was found: `nothing_found`. */
    readonly evenChance: number;
  };
  readonly known: {
    readonly bias: number;
    readonly features: Readonly<Record<string, number>>;
    /** Less than this supports no answer. */
    readonly leastChance: number;
  };
}

const weightsFile = new URL("./weights.json", import.meta.url);

/** Reads the weights that ship with the code. Throws `model.unavailable` where they are missing, cut short or of another format. */
export function loadAbstentionWeights(file: URL = weightsFile): AbstentionWeights {
  let weights: AbstentionWeights;
  try {
    weights = JSON.parse(readFileSync(file, "utf8")) as AbstentionWeights;
    if (weights.format !== 1) throw new Error("another format");
    if (Buffer.from(weights.subject.rows, "base64").length !== subjectBuckets)
      throw new Error("another number of rows");
  } catch (cause) {
    throw new AppError(
      "model.unavailable",
      "The weights of src/answering/abstention cannot be read: restore them with: git checkout -- src/answering/abstention",
      { cause },
    );
  }
  return weights;
}
