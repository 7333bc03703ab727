import { AppError } from "../errors.ts";
import type { LocalData } from "./documents/local-data.ts";
import { type GenerationTools, openGeneration } from "./generations/open-generation.ts";
import { type OpenedGeneration, OpenedGenerations } from "./generations/opened-generations.ts";
import type { ReloadPlan } from "./generations/plan-reload.ts";
import type { DocumentSummary, GenerationRow, StoredVersion } from "./knowledge-store.ts";
import { PinnedKnowledge } from "./pinned-knowledge.ts";
import { refuseRolledBack } from "./rehearsal/refuse-rolled-back.ts";
import type { Rehearsals, Rehearsed } from "./rehearsal/rehearsals.ts";
import type { ChangeOptions, ReloadProgress } from "./reload-report.ts";
import type { SearchIndex } from "./retrieval/search-index.ts";

export interface LiveGenerationsOptions extends GenerationTools {
  readonly rehearsals: Rehearsals;
  /** Milliseconds, for durations only. */
  readonly now: () => number;
}

/** What a change starts from. */
export interface Before {
  readonly active: number | undefined;
  readonly current: readonly DocumentSummary[];
  /** The local data that serves; undefined where nothing serves yet. */
  readonly local: LocalData | undefined;
}

export interface NextGeneration {
  readonly plan: ReloadPlan;
  readonly local: LocalData;
  /** Whether it goes live whatever its rehearsal says, because what it replaces cannot stay. */
  readonly imposed: boolean;
}

export interface RolledBack extends GenerationRow {
  /** Until it served. */
  readonly milliseconds: number;
}

/** Generations whose rows are kept: the serving one, the former one, one more. */
const keptGenerations = 3;
/** Versions that are handed to the store between two looks at the signal. */
const savedTogether = 20;

/** The generations that are open here, and the steps by which another one goes live. */
export class LiveGenerations {
  readonly #options: LiveGenerationsOptions;
  readonly #opened = new OpenedGenerations();

  constructor(options: LiveGenerationsOptions) {
    this.#options = options;
  }

  get serving(): OpenedGeneration | undefined {
    return this.#opened.serving;
  }

  /** Lets a generation serve here that the database calls active. */
  async open(generation: number, options: ChangeOptions = {}): Promise<void> {
    const index = this.#opened.held(generation) ?? (await this.#index(generation, options));
    this.#opened.swap({ generation, index });
  }

  /**
   * Stores, builds, rehearses, then lets it serve: the database first, so that a crash after any line leaves a whole
   * one. Throws `knowledge.rehearsal_failed` where it must not serve, and `knowledge.reload_running` where another
   * replica was faster.
   */
  async replace(before: Before, next: NextGeneration, options: ChangeOptions): Promise<Rehearsed> {
    const { store, embedder } = this.#options;
    const { plan, imposed } = next;
    if (!imposed && options.accept === undefined && before.active !== undefined)
      await refuseRolledBack(store, plan.manifest, before.active);
    await this.#save(plan, options);
    // Another replica's change clears away what no generation holds yet.
    const generation = await store.createGeneration(embedder.version, plan.manifest).catch(async (error) => {
      await this.#assertStillActive(before.active);
      throw error;
    });
    const staged = { generation, index: await this.#index(generation, options, plan.versions) };
    const rehearsed = await this.#rehearse(staged, before, next, options).catch(async (error) => {
      // Its files are of no use any more; what cannot be cleared away now is found by the next change.
      await this.prune().catch(() => {});
      throw error;
    });
    options.signal?.throwIfAborted();
    await store.activateGeneration(generation, before.active, rehearsed.event);
    this.#opened.swap(staged);
    return rehearsed;
  }

  /** Lets the former generation serve again. It is opened first: what cannot be opened changes nothing. */
  async rollBack(options: ChangeOptions): Promise<RolledBack> {
    const { store, now } = this.#options;
    const started = now();
    const kept = await store.listGenerations();
    const active = kept.find(({ standing }) => standing === "active");
    const former = kept.find(({ standing }) => standing === "former");
    if (active === undefined || former === undefined)
      throw new AppError("knowledge.nothing_to_roll_back", "没有可以恢复的上一版资料");
    const index = this.#opened.held(former.id) ?? (await this.#index(former.id, options));
    const row = await store.rollBackGeneration(active.id, options.by);
    if (row === undefined) throw new AppError("knowledge.nothing_to_roll_back", "没有可以恢复的上一版资料");
    this.#opened.swap({ generation: former.id, index });
    return { ...row, milliseconds: Math.round(now() - started) };
  }

  /** Clears away what is neither served nor kept for a rollback: files and rows. */
  async prune(): Promise<void> {
    const { store, files, shared } = this.#options;
    const kept = await store.listGenerations();
    const needed = kept.filter(({ standing }) => standing !== "kept").map(({ id }) => id);
    files.prune(new Set([...needed, ...this.#opened.numbers()]));
    await store.pruneGenerations(keptGenerations);
    if (shared === undefined) return;
    // Another process may still serve the one before, or rehearse the next: every row keeps its vectors.
    const rows = (await store.listGenerations()).map(({ id }) => id);
    await shared.prune(new Set([...rows, ...this.#opened.numbers()]));
  }

  /** Clears away files that this process no longer needs. */
  pruneFiles(): void {
    this.#options.files.prune(this.#opened.numbers());
  }

  async #save({ versions }: ReloadPlan, { signal, onProgress }: ChangeOptions): Promise<void> {
    const total = versions.length;
    for (let done = 0; done < total; done += savedTogether) {
      signal?.throwIfAborted();
      onProgress?.({ stage: "storing", done, total });
      await this.#options.store.saveVersions(versions.slice(done, done + savedTogether));
    }
  }

  async #rehearse(
    staged: OpenedGeneration,
    before: Before,
    next: NextGeneration,
    options: ChangeOptions,
  ): Promise<Rehearsed> {
    const { rehearsals } = this.#options;
    if (before.active === undefined)
      return { event: { event: "first", ...(options.by === undefined ? {} : { by: options.by }) } };
    const serving = this.#serving(before);
    const request = {
      ...options,
      against: before.active,
      next: {
        generation: staged.generation,
        documents: next.plan.manifest,
        // Its documents are not live before it is active.
        knowledge: { pin: () => new PinnedKnowledge(staged.index), local: () => next.local },
      },
      ...(serving === undefined ? {} : { serving }),
    };
    return next.imposed ? rehearsals.measure(request) : rehearsals.decide(request);
  }

  /** What serves, as it did when the change began: a document that was withdrawn for it still answers here. */
  #serving({ active, current, local }: Before) {
    const { serving } = this.#opened;
    if (serving === undefined || serving.generation !== active || local === undefined) return undefined;
    const live = new Set(current.map(({ id }) => id));
    const pin = () => new PinnedKnowledge(serving.index, async () => live);
    const documents = current.map(({ id, contentHash }) => ({ documentId: id, contentHash }));
    return { generation: active, documents, knowledge: { pin, local: () => local } };
  }

  async #assertStillActive(active: number | undefined): Promise<void> {
    if ((await this.#options.store.activeGeneration())?.id !== active) throw overtaken();
  }

  #index(
    generation: number,
    { onProgress, signal }: ChangeOptions,
    fresh: readonly StoredVersion[] = [],
  ): Promise<SearchIndex> {
    const report = (stage: ReloadProgress["stage"], done: number, total: number) =>
      onProgress?.({ stage, done, total });
    return openGeneration(generation, this.#options, report, signal, this.#opened.serving, fresh);
  }
}

const overtaken = () =>
  new AppError("knowledge.reload_running", "另一个服务刚刚更新了资料，请再试一次", {
    details: { overtaken: true },
  });

/** Whether a change failed because another replica's was faster. */
export const isOvertaken = (error: unknown) => error instanceof AppError && error.details.overtaken === true;
