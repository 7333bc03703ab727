import type { Refusal } from "./documents/read-library.ts";
import type { CitingAnswers, StoredVersion } from "./knowledge-store.ts";
import type { RehearsalReport } from "./rehearsal/rehearsal-report.ts";

export interface Warning {
  readonly title: string;
  readonly warning: string;
}

/** What a reload, an addition or a removal did. */
export interface ReloadReport {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
  readonly refused: readonly Refusal[];
  /** Documents with something to tell, such as pages without text or a text that is no longer in force. */
  readonly warnings: readonly Warning[];
  /** The generation that serves now. */
  readonly generation: number;
  readonly documents: number;
  readonly chunks: number;
  /** What known questions are answered now; missing where none were asked. */
  readonly rehearsal?: RehearsalReport;
  /** Answers of the past that rest on what was changed or removed. */
  readonly cited?: readonly CitingAnswers[];
  readonly milliseconds: number;
}

/** How far a reload is; `done` of `total` in the stage's own unit. */
export interface ReloadProgress {
  readonly stage: "reading" | "storing" | "words" | "embedding" | "vectors" | "rehearsing";
  readonly done: number;
  readonly total: number;
}

/** Who changes the knowledge, and with what reason although answers get worse. */
export interface Approval {
  readonly accept?: string;
  readonly by?: string;
}

export interface ChangeOptions extends Approval {
  readonly onProgress?: (progress: ReloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** What an editor should know of versions that were just taken. */
export function reloadWarnings(versions: readonly StoredVersion[]): Warning[] {
  return versions.flatMap(({ document: { title, warnings, repealed, repealedBy } }) => {
    const own = warnings.map((warning) => ({ title, warning }));
    if (repealedBy === undefined) return own;
    const status = repealed === undefined ? "引用前请核对" : `自 ${repealed} 起不再有效，不作为答复依据`;
    return [...own, { title, warning: `${status}：${repealedBy}` }];
  });
}
