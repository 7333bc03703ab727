import type { Refusal } from "./documents/read-library.ts";

/** What a reload, an addition or a removal did. */
export interface ReloadReport {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly refused: readonly Refusal[];
  /** Documents with something to tell, such as pages without text or a text that is no longer in force. */
  readonly warnings: readonly { readonly title: string; readonly warning: string }[];
  /** The generation that serves now. */
  readonly generation: number;
  readonly documents: number;
  readonly chunks: number;
  readonly milliseconds: number;
}

/** How far a reload is; `done` of `total` in the stage's own unit. */
export interface ReloadProgress {
  readonly stage: "reading" | "storing" | "words" | "embedding" | "vectors";
  readonly done: number;
  readonly total: number;
}
