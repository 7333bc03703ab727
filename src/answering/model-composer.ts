import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { ModelComposer } from "./answer-question.ts";
import { composeWithModel } from "./compose-with-model.ts";
import type { PassageSearch } from "./passage-search.ts";
import type { Prompts } from "./prompts.ts";
import type { ResilientModel } from "./resilient-model.ts";
import type { Support } from "./select-passages.ts";

export interface ModelComposerOptions {
  readonly model: ResilientModel;
  readonly prompts: Prompts;
  /** Gives a new unguessable word each time. */
  readonly newMarker: () => string;
  /** Hears why a reply of the model was not used; never its text. */
  readonly onUnused: (reason: string) => void;
}

/** Documents beside the best one of which the model sees the conclusion and the best passages. */
const otherDocuments = 3;
const passagesOfOthers = 3;
const mostPassages = 24;

/** Lets the model compose; where it fails, is away or says what the passages do not bear out, they speak themselves. */
export function createModelComposer({
  model,
  prompts,
  newMarker,
  onUnused,
}: ModelComposerOptions): ModelComposer {
  return async ({ question, earlier, support, search }, onPreview, signal) => {
    const passages = passagesFor(support, search);
    const result = await composeWithModel({
      question,
      history: earlier,
      passages,
      model,
      prompts,
      newMarker,
      signal,
      onPreview,
    });
    if (result.kind === "answered") return result.draft;
    onUnused(result.kind === "failed" ? result.reason : result.kind);
    return undefined;
  };
}

/** The best document whole when it is a guide, of the others what was found. */
function passagesFor([main, ...others]: readonly Support[], search: PassageSearch): IndexedChunk[] {
  if (main === undefined) return [];
  const whole = main.document.kind === "guide" ? search.passagesOf(main.document.id) : main.hits;
  const beside = others.slice(0, otherDocuments).flatMap(({ document, hits }) => {
    const conclusion = document.kind === "guide" ? search.passagesOf(document.id).slice(0, 1) : [];
    return [...conclusion, ...hits.slice(0, passagesOfOthers)];
  });
  const distinct = new Map([...whole, ...beside].map((passage) => [passage.chunk.id, passage]));
  return [...distinct.values()].slice(0, mostPassages);
}
