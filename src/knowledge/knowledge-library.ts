import { AppError } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import type { LawRegister } from "./documents/law-register.ts";
import type { LocalData } from "./documents/local-data.ts";
import { localDocuments } from "./documents/local-documents.ts";
import { hashOf } from "./documents/read-document.ts";
import { type ReadLibrary, type Refusal, readLibrary } from "./documents/read-library.ts";
import { type GenerationTools, openGeneration } from "./generations/open-generation.ts";
import { planReload, type ReloadPlan, type ReloadSources } from "./generations/plan-reload.ts";
import { readFolderSettings } from "./knowledge-folder.ts";
import type { DocumentSummary, GenerationRow, StoredVersion } from "./knowledge-store.ts";
import { PinnedKnowledge } from "./pinned-knowledge.ts";
import type { ReloadProgress, ReloadReport } from "./reload-report.ts";
import type { DocumentInfo, IndexedChunk } from "./retrieval/index-entries.ts";
import type { SearchIndex } from "./retrieval/search-index.ts";
import { cutChunks } from "./sections/cut-chunks.ts";

export interface KnowledgeLibraryOptions extends GenerationTools {
  /** Folder of guides, local data and law register. */
  readonly folder: string;
  /** Folder below `local/`. */
  readonly federation: string;
  /** Milliseconds, for durations only. */
  readonly now: () => number;
}

export interface ChangeOptions {
  readonly onProgress?: (progress: ReloadProgress) => void;
  readonly signal?: AbortSignal;
}

/** Generations whose files and rows are kept: the serving one, the former one, one more. */
const keptGenerations = 3;
/** Versions that are handed to the store between two looks at the signal. */
const savedTogether = 20;
/** Raised when reading changes so that the same file gives other sections or chunks. */
const readerVersion = 1;

/**
 * The knowledge that serves: one index generation in memory, made from the database's documents. Everything that
 * changes it goes the same way: plan, store, build beside the running index, swap in one step. Whatever fails on
 * that way leaves the former generation serving.
 */
export class KnowledgeLibrary {
  readonly #options: KnowledgeLibraryOptions;
  #serving: { generation: number; index: SearchIndex } | undefined;
  #former: { generation: number; index: SearchIndex } | undefined;
  #local: LocalData | undefined;
  #changing = false;

  constructor(options: KnowledgeLibraryOptions) {
    this.#options = options;
  }

  /** Opens the active generation; where there is none, or one of another embedder, makes one from the folder. */
  async start(options: ChangeOptions = {}): Promise<void> {
    this.#local = (await this.#settings()).local;
    const active = await this.#options.store.activeGeneration();
    if (active === undefined) await this.reload(options);
    else if (active.embedder !== this.#options.embedder.version)
      await this.#change({ current: await this.#options.store.listDocuments() }, [], options, true);
    else await this.#open(active.id, options);
  }

  /** Number of the generation that serves, its size and its vector engine; undefined before `start`. */
  status(): { generation: number; chunks: number; engine: string } | undefined {
    if (this.#serving === undefined) return undefined;
    const { generation, index } = this.#serving;
    return { generation, chunks: index.size, engine: index.engine };
  }

  /** The federation's own data. Throws `knowledge.library_unavailable` before `start`. */
  local(): LocalData {
    if (this.#local === undefined) throw unavailable();
    return this.#local;
  }

  /** Holds the generation that serves now. Throws `knowledge.library_unavailable` where there is none. */
  pin(): PinnedKnowledge {
    if (this.#serving === undefined) throw unavailable();
    return new PinnedKnowledge(this.#serving.index, (ids) => this.#options.store.liveDocuments(ids));
  }

  /** A chunk that an answer cited, also one of a version that no longer serves, with its document's chunks if these serve. */
  async findPassage(
    chunkId: string,
  ): Promise<{ chunk: Chunk; document: DocumentInfo; siblings: readonly IndexedChunk[] } | undefined> {
    const found = await this.#options.store.findChunk(chunkId);
    if (found === undefined) return undefined;
    const siblings = this.#serving?.index.chunksOf(found.chunk.documentId) ?? [];
    return { ...found, siblings };
  }

  list(): Promise<DocumentSummary[]> {
    return this.#options.store.listDocuments();
  }

  /** Brings the knowledge in line with its folder. */
  reload(options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const { register, local } = await this.#settings();
      const current = await this.#options.store.listDocuments();
      const library = await this.#read(this.#options.folder, "library", register, current, options);
      const report = await this.#change(
        { current, library, local: versionsOf(local) },
        library.refused,
        options,
      );
      this.#local = local;
      return report;
    });
  }

  /** Brings documents from files or folders outside of the knowledge folder; they stay until removed. */
  add(paths: readonly string[], options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const { register } = await this.#settings();
      const current = await this.#options.store.listDocuments();
      const brought: StoredVersion[] = [];
      const refused: Refusal[] = [];
      for (const path of paths) {
        const read = await this.#read(path, "added", register, current, options);
        brought.push(...read.versions);
        refused.push(...read.refused);
      }
      return this.#change({ current, brought }, refused, options);
    });
  }

  /** Takes a document out at once; the next generation does not hold it any more. */
  remove(documentId: string, options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const current = await this.#options.store.listDocuments();
      const document = current.find(({ id }) => id === documentId);
      if (document === undefined)
        throw new AppError(
          "knowledge.document_unknown",
          `没有编号为 ${documentId} 的文件，用 knowledge list 查看编号`,
        );
      if (document.origin === "library") {
        throw new AppError(
          "knowledge.document_unknown",
          `“${document.title}”来自资料文件夹：请删除文件 ${document.path}，再运行 knowledge reload`,
        );
      }
      await this.#options.store.withdraw([documentId]);
      const report = await this.#change(
        { current: current.filter(({ id }) => id !== documentId) },
        [],
        options,
        true,
      );
      return { ...report, removed: [document.title] };
    });
  }

  /** Lets the former generation serve again; a second call goes forward again. */
  rollBack(): Promise<GenerationRow> {
    return this.#exclusively(async () => {
      const former = await this.#options.store.rollBackGeneration();
      if (former === undefined)
        throw new AppError("knowledge.nothing_to_roll_back", "没有可以恢复的上一版资料");
      await this.#open(former.id);
      return former;
    });
  }

  /** Follows a generation that another replica made active. */
  async refresh(): Promise<void> {
    if (this.#changing) return;
    const active = await this.#options.store.activeGeneration();
    if (active !== undefined && active.id !== this.#serving?.generation) await this.#open(active.id);
  }

  async #settings() {
    return readFolderSettings(this.#options.folder, this.#options.federation);
  }

  #read(
    root: string,
    origin: "library" | "added",
    register: LawRegister,
    current: readonly DocumentSummary[],
    { onProgress, signal }: ChangeOptions,
  ): Promise<ReadLibrary> {
    const known = new Map(
      current
        .filter((document) => document.origin === origin)
        .map((document) => [`${document.path}\n${document.fileHash}`, document.id]),
    );
    return readLibrary(root, {
      origin,
      register,
      salt: `${readerVersion} ${register.fingerprint}`,
      knownAs: (path, fileHash) => known.get(`${path}\n${fileHash}`),
      onProgress: (done, total) => onProgress?.({ stage: "reading", done, total }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  async #change(
    sources: ReloadSources,
    refused: readonly Refusal[],
    options: ChangeOptions,
    forced = false,
  ): Promise<Omit<ReloadReport, "milliseconds">> {
    const plan = planReload(sources);
    const isSame = plan.added.length + plan.changed.length + plan.removed.length === 0;
    if (!isSame || forced || this.#serving === undefined) await this.#serve(plan, options);
    const status = this.status();
    const { added, changed, removed, unchanged } = plan;
    return {
      added,
      changed,
      removed,
      unchanged,
      refused,
      warnings: plan.versions.flatMap(({ document }) => warningsOf(document)),
      generation: status?.generation ?? 0,
      documents: plan.manifest.length,
      chunks: status?.chunks ?? 0,
    };
  }

  async #serve(plan: ReloadPlan, { onProgress, signal }: ChangeOptions): Promise<void> {
    const { store, embedder, files } = this.#options;
    for (let done = 0; done < plan.versions.length; done += savedTogether) {
      signal?.throwIfAborted();
      onProgress?.({ stage: "storing", done, total: plan.versions.length });
      await store.saveVersions(plan.versions.slice(done, done + savedTogether));
    }
    const generation = await store.createGeneration(embedder.version, plan.manifest);
    const index = await openGeneration(
      generation,
      this.#options,
      (stage, done, total) => onProgress?.({ stage, done, total }),
      signal,
    );
    await store.activateGeneration(generation);
    this.#swap(generation, index);
    files.prune(new Set([generation, ...(this.#former === undefined ? [] : [this.#former.generation])]));
    await store.pruneGenerations(keptGenerations);
  }

  async #open(generation: number, { onProgress, signal }: ChangeOptions = {}): Promise<void> {
    const held = this.#former?.generation === generation ? this.#former.index : undefined;
    const index =
      held ??
      (await openGeneration(
        generation,
        this.#options,
        (stage, done, total) => onProgress?.({ stage, done, total }),
        signal,
      ));
    this.#swap(generation, index);
  }

  #swap(generation: number, index: SearchIndex): void {
    if (this.#serving !== undefined && this.#serving.generation !== generation) this.#former = this.#serving;
    this.#serving = { generation, index };
  }

  #timed(change: () => Promise<Omit<ReloadReport, "milliseconds">>): Promise<ReloadReport> {
    const started = this.#options.now();
    return this.#exclusively(async () => ({
      ...(await change()),
      milliseconds: Math.round(this.#options.now() - started),
    }));
  }

  async #exclusively<Result>(change: () => Promise<Result>): Promise<Result> {
    if (this.#changing) throw new AppError("knowledge.reload_running", "资料正在更新，请等这一次结束再试");
    this.#changing = true;
    try {
      return await change();
    } finally {
      this.#changing = false;
    }
  }
}

/** The local data's documents as versions; their content is their file. */
function versionsOf(local: LocalData): StoredVersion[] {
  return localDocuments(local).map((document) => ({
    document,
    chunks: cutChunks(document),
    fileHash: hashOf(document.contentHash),
  }));
}

function warningsOf({ title, warnings, repealed, repealedBy }: StoredVersion["document"]) {
  const own = warnings.map((warning) => ({ title, warning }));
  if (repealedBy === undefined) return own;
  const status = repealed === undefined ? "引用前请核对" : `自 ${repealed} 起不再有效，不作为答复依据`;
  return [...own, { title, warning: `${status}：${repealedBy}` }];
}

const unavailable = () => new AppError("knowledge.library_unavailable", "资料库还没有准备好");
