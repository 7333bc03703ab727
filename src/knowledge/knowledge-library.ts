import { AppError, messageOf } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import { findAdded } from "./documents/find-added.ts";
import type { LocalData } from "./documents/local-data.ts";
import type { Refusal } from "./documents/read-library.ts";
import { gatherAdded, gatherFolder } from "./generations/gather-sources.ts";
import { type GenerationTools, openGeneration } from "./generations/open-generation.ts";
import { OpenedGenerations } from "./generations/opened-generations.ts";
import { planReload, type ReloadPlan, type ReloadSources } from "./generations/plan-reload.ts";
import { readFolderSettings } from "./knowledge-folder.ts";
import type { DocumentSummary, GenerationRow } from "./knowledge-store.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { PinnedKnowledge } from "./pinned-knowledge.ts";
import {
  type ChangeOptions,
  type ReloadProgress,
  type ReloadReport,
  reloadWarnings,
  type Warning,
} from "./reload-report.ts";
import type { DocumentInfo, IndexedChunk } from "./retrieval/index-entries.ts";
import type { SearchIndex } from "./retrieval/search-index.ts";

export interface KnowledgeLibraryOptions extends GenerationTools {
  /** Folder of guides, local data and law register. */
  readonly folder: string;
  /** Folder below `local/`. */
  readonly federation: string;
  /** Milliseconds, for durations only. */
  readonly now: () => number;
}

/** Generations whose rows are kept: the serving one, the former one, one more. */
const keptGenerations = 3;
/** Versions that are handed to the store between two looks at the signal. */
const savedTogether = 20;

/** What a change starts from. */
interface Before {
  readonly active: number | undefined;
  readonly current: readonly DocumentSummary[];
}

type Change = Omit<ReloadReport, "milliseconds">;

/**
 * The knowledge that serves: one index generation in memory, made from the database's documents. Everything that
 * changes it goes the same way: plan, store, build beside the running index, swap in one step. Whatever fails on
 * that way leaves the former generation serving.
 */
export class KnowledgeLibrary {
  readonly #options: KnowledgeLibraryOptions;
  readonly #opened = new OpenedGenerations();
  #local: LocalData | undefined;
  readonly #changes = new OneAtATime();

  constructor(options: KnowledgeLibraryOptions) {
    this.#options = options;
  }

  /**
   * Opens the active generation. Where there is none, makes the first one from the folder and resolves to its report;
   * where it is one of another embedder, makes it anew from the same documents.
   */
  async start(options: ChangeOptions = {}): Promise<ReloadReport | undefined> {
    let first: Change | undefined;
    const started = this.#options.now();
    await this.#changes.run(async () => {
      this.#local = (await this.#settings()).local;
      const { store, embedder } = this.#options;
      try {
        const active = await store.activeGeneration();
        if (active === undefined) first = await this.#reload(options);
        else if (active.embedder === embedder.version) await this.#open(active.id, options);
        else {
          const before = await this.#before();
          await this.#change(before, { current: before.current }, [], options, true);
        }
      } catch (error) {
        // Replicas that start together make the same generation; the first one's serves.
        const active = isOvertaken(error) ? await store.activeGeneration() : undefined;
        if (active === undefined) throw error;
        await this.#open(active.id, options);
      }
    });
    return first && { ...first, milliseconds: Math.round(this.#options.now() - started) };
  }

  /** Number of the generation that serves, its size and its vector engine; undefined before `start`. */
  status(): { generation: number; chunks: number; engine: string } | undefined {
    if (this.#opened.serving === undefined) return undefined;
    const { generation, index } = this.#opened.serving;
    return { generation, chunks: index.size, engine: index.engine };
  }

  /** The federation's own data. Throws `knowledge.library_unavailable` before `start`. */
  local(): LocalData {
    if (this.#local === undefined) throw unavailable();
    return this.#local;
  }

  /** Holds the generation that serves now. Throws `knowledge.library_unavailable` where there is none. */
  pin(): PinnedKnowledge {
    if (this.#opened.serving === undefined) throw unavailable();
    return new PinnedKnowledge(this.#opened.serving.index, (ids) => this.#options.store.liveDocuments(ids));
  }

  /** A chunk that an answer cited, also one of a version that no longer serves, with its document's chunks if these serve. */
  async findPassage(
    chunkId: string,
  ): Promise<{ chunk: Chunk; document: DocumentInfo; siblings: readonly IndexedChunk[] } | undefined> {
    const found = await this.#options.store.findChunk(chunkId);
    if (found === undefined) return undefined;
    const siblings = this.#opened.serving?.index.chunksOf(found.chunk.documentId) ?? [];
    return { ...found, siblings };
  }

  list(): Promise<DocumentSummary[]> {
    return this.#options.store.listDocuments();
  }

  /** Brings the knowledge in line with its folder. */
  reload(options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(() => this.#reload(options));
  }

  async #reload(options: ChangeOptions): Promise<Change> {
    const settings = await this.#settings();
    const before = await this.#before();
    const { folder, store } = this.#options;
    const { sources, refused } = await gatherFolder(folder, settings, before.current, store, options);
    const report = await this.#change(before, sources, refused, options);
    this.#local = settings.local;
    return report;
  }

  /** Brings documents from files or folders outside of the knowledge folder; they stay until removed. */
  add(paths: readonly string[], options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const { register } = await this.#settings();
      const before = await this.#before();
      const { sources, refused } = await gatherAdded(paths, register, before.current, options);
      return this.#change(before, sources, refused, options);
    });
  }

  /** Takes a document out at once; the next generation does not hold it any more. */
  remove(documentId: string, options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const before = await this.#before();
      const document = findAdded(before.current, documentId);
      await this.#options.store.withdraw([documentId]);
      const current = before.current.filter(({ id }) => id !== documentId);
      const report = await this.#change(before, { current }, [], options, true);
      return { ...report, removed: [document.title] };
    });
  }

  /** Lets the former generation serve again; a second call goes forward again. */
  rollBack(options: ChangeOptions = {}): Promise<GenerationRow> {
    return this.#changes.run(async () => {
      const { store } = this.#options;
      const former = await store.rollBackGeneration();
      if (former === undefined)
        throw new AppError("knowledge.nothing_to_roll_back", "没有可以恢复的上一版资料");
      try {
        await this.#open(former.id, options);
      } catch (error) {
        // What serves here and what the database calls active must stay the same.
        await store.rollBackGeneration();
        throw error;
      }
      return former;
    });
  }

  /** Follows a generation that another replica made active. */
  async refresh(): Promise<void> {
    if (this.#changes.isRunning) return;
    const { store } = this.#options;
    if ((await store.activeGeneration())?.id === this.#opened.serving?.generation || this.#changes.isRunning)
      return;
    await this.#changes.run(async () => {
      const active = await store.activeGeneration();
      if (active === undefined || active.id === this.#opened.serving?.generation) return;
      await this.#open(active.id);
      // The other replica read the same settings; where they are broken here, the former ones go on.
      const settings = await this.#settings().catch(() => undefined);
      this.#local = settings?.local ?? this.#local;
      this.#options.files.prune(this.#opened.numbers());
    });
  }

  async #settings() {
    return readFolderSettings(this.#options.folder, this.#options.federation);
  }

  async #before(): Promise<Before> {
    const { store } = this.#options;
    const active = await store.activeGeneration();
    return { active: active?.id, current: await store.listDocuments() };
  }

  async #change(
    { active }: Before,
    sources: ReloadSources,
    refused: readonly Refusal[],
    options: ChangeOptions,
    forced = false,
  ): Promise<Change> {
    const plan = planReload(sources);
    const isSame = plan.added.length + plan.changed.length + plan.removed.length === 0;
    const warnings = [...reloadWarnings(plan.versions)];
    if (!isSame || forced || this.#opened.serving === undefined) {
      await this.#serve(plan, active, options);
      warnings.push(...(await this.#prune()));
    }
    const status = this.status();
    const { added, changed, removed, unchanged } = plan;
    return {
      added,
      changed,
      removed,
      unchanged,
      refused,
      warnings,
      generation: status?.generation ?? 0,
      documents: plan.manifest.length,
      chunks: status?.chunks ?? 0,
    };
  }

  /** Stores, builds, then lets it serve: the database first, so that a crash after any line leaves a whole one. */
  async #serve(plan: ReloadPlan, active: number | undefined, options: ChangeOptions): Promise<void> {
    const { store, embedder } = this.#options;
    const total = plan.versions.length;
    for (let done = 0; done < total; done += savedTogether) {
      options.signal?.throwIfAborted();
      options.onProgress?.({ stage: "storing", done, total });
      await store.saveVersions(plan.versions.slice(done, done + savedTogether));
    }
    // Another replica's change clears away what no generation holds yet.
    const generation = await store.createGeneration(embedder.version, plan.manifest).catch(async (error) => {
      await this.#assertStillActive(active);
      throw error;
    });
    const index = await this.#index(generation, options);
    await this.#assertStillActive(active);
    await store.activateGeneration(generation);
    this.#opened.swap({ generation, index });
  }

  async #assertStillActive(active: number | undefined): Promise<void> {
    if ((await this.#options.store.activeGeneration())?.id !== active) throw overtaken();
  }

  /** What cannot be cleared away now is found again by the next change: it must not make this one a failure. */
  async #prune(): Promise<Warning[]> {
    try {
      this.#options.files.prune(this.#opened.numbers());
      await this.#options.store.pruneGenerations(keptGenerations);
      return [];
    } catch (error) {
      return [{ title: "旧版资料", warning: `新版已经在用，但旧版没有清理干净：${messageOf(error)}` }];
    }
  }

  #index(generation: number, { onProgress, signal }: ChangeOptions): Promise<SearchIndex> {
    const report = (stage: ReloadProgress["stage"], done: number, total: number) =>
      onProgress?.({ stage, done, total });
    return openGeneration(generation, this.#options, report, signal);
  }

  async #open(generation: number, options: ChangeOptions = {}): Promise<void> {
    const index = this.#opened.held(generation) ?? (await this.#index(generation, options));
    this.#opened.swap({ generation, index });
  }

  #timed(change: () => Promise<Change>): Promise<ReloadReport> {
    const started = this.#options.now();
    return this.#changes.run(async () => ({
      ...(await change()),
      milliseconds: Math.round(this.#options.now() - started),
    }));
  }
}

const overtaken = () =>
  new AppError("knowledge.reload_running", "另一个服务刚刚更新了资料，请再试一次", {
    details: { overtaken: true },
  });
const isOvertaken = (error: unknown) => error instanceof AppError && error.details.overtaken === true;

const unavailable = () => new AppError("knowledge.library_unavailable", "资料库还没有准备好");
