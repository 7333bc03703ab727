import type { LocalData } from "../documents/local-data.ts";
import type { PinnedKnowledge } from "../pinned-knowledge.ts";

/** The part of an answer that a rehearsal looks at. */
export interface RehearsedAnswer {
  readonly state: string;
  readonly handOver: string;
  readonly text: string;
  readonly citations: readonly { readonly document: string; readonly section: string }[];
}

/** One generation with the local data that belongs to it. */
export interface RehearsedKnowledge {
  pin(): PinnedKnowledge;
  local(): LocalData;
}

/** Answers one question as a conversation of its own. Throws where the knowledge cannot be searched. */
export type Ask = (question: string, signal: AbortSignal) => Promise<RehearsedAnswer>;

/** How a generation is asked: the product's own answering, without a language model. */
export interface Rehearser {
  /** What contacts asked last and got a grounded answer to, newest first, without what tells who they are. */
  latestQuestions(): Promise<readonly string[]>;
  over(knowledge: RehearsedKnowledge): Ask;
  /** The day on which is answered: another day may have other law. */
  today(): string;
}
