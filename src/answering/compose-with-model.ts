import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import type { Draft } from "./compose-extractive.ts";
import { describeSource } from "./describe-source.ts";
import { maskPersonalNumbers } from "./mask-personal-numbers.ts";
import type { Prompts } from "./prompts.ts";
import { withoutThoughts } from "./reply-sentences.ts";
import type { ResilientModel } from "./resilient-model.ts";
import { mostSentences, type ReplyFault, ReplyReview } from "./review-reply.ts";

export interface ComposeRequest {
  readonly question: string;
  /** The contact's earlier questions, oldest first. Default: none. */
  readonly history?: readonly string[];
  /** What the reply may rest on, the best first. */
  readonly passages: readonly IndexedChunk[];
  readonly model: ResilientModel;
  readonly prompts: Prompts;
  /** Gives a new unguessable word of letters and digits each time. */
  readonly newMarker: () => string;
  readonly signal: AbortSignal;
  /** Takes the checked sentences so far; empty or shorter than before when an attempt starts anew. */
  readonly onPreview: (textSoFar: string) => void;
}

export type ComposeResult =
  | { readonly kind: "answered"; readonly draft: Draft }
  /** The model holds that the passages do not answer the question. A text inside the prompt can make it say so. */
  | { readonly kind: "not_in_passages" }
  | { readonly kind: "failed"; readonly reason: ReplyFault | "model_unavailable" };

/** What the model says where the passages do not answer. */
export const notFound = "NOT_FOUND";
const mostHistory = 3;
const longestQuestion = 1_000;

/**
 * Has a model compose a reply from passages and lets through only what they bear out. One sentence that they do
 * not bear out drops the whole reply. Nothing with a personal number goes to the model. Rejects only when `signal`
 * aborts.
 */
export async function composeWithModel(request: ComposeRequest): Promise<ComposeResult> {
  const { passages, model, prompts, signal, onPreview } = request;
  const marker = request.newMarker();
  const question = maskPersonalNumbers(request.question).slice(0, longestQuestion);
  const history = (request.history ?? [])
    .slice(-mostHistory)
    .map((text) => maskPersonalNumbers(text).slice(0, longestQuestion));
  const system = prompts.render("answer-system", { notFound, sentences: String(mostSentences) });
  const user = prompts.render("answer-user", {
    passages: passages
      .map((passage, index) => enclosed(`资料 ${index + 1}`, marker, describePassage(passage)))
      .join("\n\n"),
    earlier: history.length === 0 ? "" : enclosed("之前的提问", marker, history.join("\n")),
    question: enclosed("本次提问", marker, question),
  });
  const review = new ReplyReview({
    passages,
    question: [...history, question].join("\n"),
    secrets: [system],
    marker,
  });

  let shown = "";
  const read = (received: string): boolean => {
    const { draft, fault, finished } = review.review(withoutThoughts(received), true);
    if (fault === undefined && draft.text !== shown) {
      shown = draft.text;
      onPreview(shown);
    }
    return !finished;
  };
  let reply: string;
  try {
    reply = withoutThoughts(await model.complete({ system, user }, read, signal));
  } catch {
    signal.throwIfAborted();
    return { kind: "failed", reason: "model_unavailable" };
  }
  signal.throwIfAborted();
  if (reply.includes(notFound)) return { kind: "not_in_passages" };
  const { draft, fault } = review.review(reply, false);
  return fault === undefined ? { kind: "answered", draft } : { kind: "failed", reason: fault };
}

/** Nobody who wrote the text knew the marker: nothing in it can end the part. */
function enclosed(name: string, marker: string, text: string): string {
  return `<<<${name} 开始 ${marker}>>>\n${text}\n<<<${name} 结束 ${marker}>>>`;
}

function describePassage({ chunk, document }: IndexedChunk): string {
  const place = [document.title, ...chunk.path.filter((heading) => heading !== document.title)].join(" › ");
  return `${place}\n${chunk.text}\n来源：${describeSource(document, chunk)}`;
}
