import { createHash } from "node:crypto";
import { AppError, messageOf } from "../../errors.ts";
import type { NewGenerationEvent } from "../generation-event.ts";
import type { KnowledgeStore, ManifestEntry } from "../knowledge-store.ts";
import type { Approval, ReloadProgress } from "../reload-report.ts";
import { readGoldenFolder } from "./golden-questions.ts";
import { blocks, type RehearsalReport, storedReport } from "./rehearsal-report.ts";
import { type RehearsedSide, rehearse } from "./rehearse.ts";
import type { RehearsedKnowledge, Rehearser } from "./rehearser.ts";
import { RememberedAnswers } from "./remembered-answers.ts";

export interface RehearsalOptions {
  readonly rehearser: Rehearser;
  readonly store: Pick<KnowledgeStore, "recordEvent" | "history">;
  /** The knowledge folder: its folder `golden` holds the golden questions. */
  readonly folder: string;
  /** Milliseconds, for durations only. */
  readonly now: () => number;
  /** Milliseconds after which no further question is asked. Default: ten minutes. */
  readonly deadline?: number;
}

export interface StagedGeneration {
  readonly generation: number;
  /** The versions that it answers from. */
  readonly documents: readonly ManifestEntry[];
  readonly knowledge: RehearsedKnowledge;
}

export interface RehearsalRequest extends Approval {
  /** The generation that would go live. */
  readonly next: StagedGeneration;
  /** The one that serves, where it can be asked. */
  readonly serving?: StagedGeneration;
  /** Number of the one that serves. */
  readonly against: number;
  readonly onProgress?: (progress: ReloadProgress) => void;
  readonly signal?: AbortSignal;
}

export interface Rehearsed {
  /** To be recorded with the activation. */
  readonly event: NewGenerationEvent;
  /** Missing where the questions could not be asked. */
  readonly report?: RehearsalReport;
}

const tenMinutes = 600_000;
/** Milliseconds by which another embedder may delay a start at most. */
const longestAtStart = 20_000;

/** Lets a new generation answer known questions before contacts meet it. */
export class Rehearsals {
  readonly #options: RehearsalOptions;
  readonly #answers = new RememberedAnswers();

  constructor(options: RehearsalOptions) {
    this.#options = options;
  }

  /**
   * Throws `knowledge.rehearsal_failed`, with the report as what is shown, where an answer got worse and nobody
   * accepted that; it is recorded, too.
   */
  async decide(request: RehearsalRequest): Promise<Rehearsed> {
    const { against, accept, by } = request;
    const report = await this.#run(request);
    const event = {
      against,
      ...(accept === undefined ? {} : { reason: accept }),
      ...(by === undefined ? {} : { by }),
      report: storedReport(report),
    };
    if (!blocks(report)) return { event: { event: "passed", ...event }, report };
    if (accept !== undefined) return { event: { event: "accepted", ...event }, report };
    const { generation } = request.next;
    await this.#options.store.recordEvent(generation, { event: "refused", ...event });
    throw new AppError("knowledge.rehearsal_failed", refusal(generation, report), {
      details: { generation, blocking: report.blocking, unasked: report.unasked },
      shown: report,
    });
  }

  /**
   * The same without a say, where what is replaced cannot stay: a document was withdrawn, or the embedder is another
   * one. Questions that cannot be asked are then no reason to stand still either.
   */
  async measure(request: RehearsalRequest): Promise<Rehearsed> {
    const { against, by, signal } = request;
    const event = { event: "measured", against, ...(by === undefined ? {} : { by }) } as const;
    try {
      const run = await this.#run(request);
      const metBefore = run.golden.metBefore ?? (await this.#lastMeasured(against, run.golden.asked));
      const golden = { ...run.golden, ...(metBefore === undefined ? {} : { metBefore }) };
      const report = { ...run, golden };
      return { event: { ...event, report: storedReport(report) }, report };
    } catch (error) {
      signal?.throwIfAborted();
      return { event: { ...event, reason: messageOf(error) } };
    }
  }

  async #run(request: RehearsalRequest): Promise<RehearsalReport> {
    try {
      return await this.#ask(request);
    } catch (cause) {
      request.signal?.throwIfAborted();
      if (cause instanceof AppError && cause.code === "knowledge.rehearsal_failed") throw cause;
      const message = `试答没有做成，原来的资料继续使用：${messageOf(cause)}`;
      throw new AppError("knowledge.rehearsal_failed", message, { cause });
    }
  }

  async #ask({ next, serving, onProgress, signal }: RehearsalRequest): Promise<RehearsalReport> {
    const { rehearser, folder, now, deadline = tenMinutes } = this.#options;
    // Without one to compare with, a service waits for its start.
    const most = serving === undefined ? Math.min(deadline, longestAtStart) : deadline;
    const golden = await readGoldenFolder(folder);
    const real = serving === undefined ? [] : await rehearser.latestQuestions();
    this.#answers.keepOnly(
      [next, ...(serving === undefined ? [] : [serving])].map((one) => this.#basisOf(one)),
    );
    return rehearse({
      golden,
      real,
      ...(serving === undefined ? {} : { before: this.#sideOf(serving) }),
      after: this.#sideOf(next),
      deadline: most,
      now,
      onProgress: (done, total) => onProgress?.({ stage: "rehearsing", done, total }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  #sideOf(staged: StagedGeneration): RehearsedSide {
    const pinned = staged.knowledge.pin();
    const ask = this.#options.rehearser.over(staged.knowledge);
    return {
      ask,
      askGolden: this.#answers.over(this.#basisOf(staged), ask),
      titleOf: (documentId) => pinned.passagesOf(documentId)[0]?.document.title,
    };
  }

  #basisOf({ documents, knowledge }: StagedGeneration): string {
    const hash = createHash("sha256").update(JSON.stringify(knowledge.local()));
    const entries = documents.map(({ documentId, contentHash }) => `${documentId} ${contentHash}`);
    for (const entry of entries.sort()) hash.update(`\n${entry}`);
    return `${this.#options.rehearser.today()} ${hash.digest("hex")}`;
  }

  /** How many golden answers were as expected when this generation was rehearsed with as many questions. */
  async #lastMeasured(generation: number, asked: number): Promise<number | undefined> {
    const events = await this.#options.store.history(10, generation);
    const last = events.find((event) => event.report !== undefined);
    return last?.report?.golden.asked === asked ? last.report.golden.metAfter : undefined;
  }
}

function refusal(generation: number, { blocking, unasked }: RehearsalReport): string {
  const reasons = [
    ...(blocking > 0 ? [`有 ${blocking} 个问题答得不如原来`] : []),
    ...(unasked > 0 ? [`还有 ${unasked} 个问题没来得及试`] : []),
  ];
  return `第 ${generation} 版没有启用：试答时${reasons.join("，")}。原来的资料继续使用`;
}
