import { AppError, messageOf } from "../errors.ts";
import type { Chunk } from "./chunk.ts";
import { findAdded } from "./documents/find-added.ts";
import { linkVersions } from "./documents/law-versions.ts";
import type { LocalData } from "./documents/local-data.ts";
import type { Refusal } from "./documents/read-library.ts";
import type { GenerationEvent } from "./generation-event.ts";
import { gatherAdded, gatherFolder } from "./generations/gather-sources.ts";
import type { GenerationTools } from "./generations/open-generation.ts";
import { planReload, type ReloadPlan, type ReloadSources } from "./generations/plan-reload.ts";
import { readFolderSettings } from "./knowledge-folder.ts";
import type { CitingAnswers, CitingQuestion, DocumentSummary } from "./knowledge-store.ts";
import { type Before, isOvertaken, LiveGenerations, type RolledBack } from "./live-generations.ts";
import { OneAtATime } from "./one-at-a-time.ts";
import { PinnedKnowledge } from "./pinned-knowledge.ts";
import { Rehearsals } from "./rehearsal/rehearsals.ts";
import type { Rehearser } from "./rehearsal/rehearser.ts";
import { type ChangeOptions, type ReloadReport, reloadWarnings, type Warning } from "./reload-report.ts";
import type { DocumentInfo, IndexedChunk } from "./retrieval/index-entries.ts";

export interface KnowledgeLibraryOptions extends GenerationTools {
  /** Folder of guides, local data, law register and golden questions. */
  readonly folder: string;
  /** Folder below `local/`. */
  readonly federation: string;
  readonly rehearser: Rehearser;
  /** Milliseconds that a rehearsal may take. Default: ten minutes. */
  readonly rehearsalDeadline?: number;
  /** Milliseconds, for durations only. */
  readonly now: () => number;
}

/** Conversations that a report names for each document whose citations it tells. */
const namedInReport = 5;
/** Documents of a report whose citations it tells, those with the most. */
const citedInReport = 50;

type Change = Omit<ReloadReport, "milliseconds">;

/** What the next generation is made of. */
interface Wanted {
  readonly sources: ReloadSources;
  readonly refused?: readonly Refusal[];
  /** The local data that belongs to it. Default: what serves. */
  readonly local?: LocalData;
  /** Whether it is made and goes live in any case: what it replaces cannot stay. */
  readonly imposed?: boolean;
}

/**
 * The knowledge that serves: one index generation in memory, made from the database's documents. Everything that
 * changes it goes the same way: plan, store, build beside the running index, rehearse, swap in one step. Whatever
 * fails on that way leaves the former generation serving.
 */
export class KnowledgeLibrary {
  readonly #options: KnowledgeLibraryOptions;
  readonly #live: LiveGenerations;
  #local: LocalData | undefined;
  readonly #changes = new OneAtATime();

  constructor(options: KnowledgeLibraryOptions) {
    this.#options = options;
    const { rehearsalDeadline: deadline } = options;
    const rehearsals = new Rehearsals({ ...options, ...(deadline === undefined ? {} : { deadline }) });
    this.#live = new LiveGenerations({ ...options, rehearsals });
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
        else if (active.embedder === embedder.version) await this.#live.open(active.id, options);
        else {
          const before = await this.#before(options);
          await this.#change(before, { sources: { current: before.current }, imposed: true }, options);
        }
      } catch (error) {
        // Replicas that start together make the same generation; the first one's serves.
        const active = isOvertaken(error) ? await store.activeGeneration() : undefined;
        if (active === undefined) throw error;
        await this.#live.open(active.id, options);
      }
    });
    return first && { ...first, milliseconds: Math.round(this.#options.now() - started) };
  }

  /** Number of the generation that serves, its size and its vector engine; undefined before `start`. */
  status(): { generation: number; chunks: number; engine: string } | undefined {
    if (this.#live.serving === undefined) return undefined;
    const { generation, index } = this.#live.serving;
    return { generation, chunks: index.size, engine: index.engine };
  }

  /** The federation's own data. Throws `knowledge.library_unavailable` before `start`. */
  local(): LocalData {
    if (this.#local === undefined) throw unavailable();
    return this.#local;
  }

  /** Holds the generation that serves now. Throws `knowledge.library_unavailable` where there is none. */
  pin(): PinnedKnowledge {
    if (this.#live.serving === undefined) throw unavailable();
    return new PinnedKnowledge(this.#live.serving.index, (ids) => this.#options.store.liveDocuments(ids));
  }

  /** A chunk that an answer cited, also one of a version that no longer serves, with its document's chunks if these serve. */
  async findPassage(
    chunkId: string,
  ): Promise<{ chunk: Chunk; document: DocumentInfo; siblings: readonly IndexedChunk[] } | undefined> {
    const found = await this.#options.store.findChunk(chunkId);
    if (found === undefined) return undefined;
    const siblings = this.#live.serving?.index.chunksOf(found.chunk.documentId) ?? [];
    return { ...found, siblings };
  }

  /** Every document that serves, each with the days on which it holds: a law's version until the next one begins. */
  async list(): Promise<DocumentSummary[]> {
    return linkVersions(await this.#options.store.listDocuments());
  }

  /** What a document that serves says, for finding duplicates of it. */
  readonly #textOf = (documentId: string): string | undefined => {
    const passages = this.#live.serving?.index.chunksOf(documentId) ?? [];
    return passages.length === 0 ? undefined : passages.map(({ chunk }) => chunk.text).join("\n");
  };

  /** Brings the knowledge in line with its folder. */
  reload(options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(() => this.#reload(options));
  }

  async #reload(options: ChangeOptions): Promise<Change> {
    const { register, local } = await this.#settings();
    const before = await this.#before(options);
    const { folder, store } = this.#options;
    const gathered = await gatherFolder(
      folder,
      { register, local },
      before.current,
      store,
      options,
      this.#textOf,
    );
    const report = await this.#change(before, { ...gathered, local }, options);
    this.#local = local;
    return report;
  }

  /** Brings documents from files or folders outside of the knowledge folder; they stay until removed. */
  add(paths: readonly string[], options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const { register } = await this.#settings();
      const before = await this.#before(options);
      return this.#change(
        before,
        await gatherAdded(paths, register, before.current, options, this.#textOf),
        options,
      );
    });
  }

  /** Takes a document out at once, whatever its rehearsal says; the next generation does not hold it any more. */
  remove(documentId: string, options: ChangeOptions = {}): Promise<ReloadReport> {
    return this.#timed(async () => {
      const before = await this.#before(options);
      findAdded(before.current, documentId);
      await this.#options.store.withdraw([documentId]);
      const current = before.current.filter(({ id }) => id !== documentId);
      return this.#change(before, { sources: { current }, imposed: true }, options);
    });
  }

  /** Lets the former generation serve again; a second call goes forward again. */
  rollBack(options: ChangeOptions = {}): Promise<RolledBack> {
    return this.#changes.run(() => this.#live.rollBack(options));
  }

  /** What became of generations, newest first. */
  history(most: number, generation?: number): Promise<GenerationEvent[]> {
    return this.#options.store.history(most, generation);
  }

  /** Which answers cited a document; undefined: none did. */
  async cited(documentId: string, question: CitingQuestion): Promise<CitingAnswers | undefined> {
    const title = (await this.list()).find(({ id }) => id === documentId)?.title ?? documentId;
    return (await this.#options.store.citingAnswers([{ id: documentId, title }], question))[0];
  }

  /** Follows a generation that another replica made active. */
  async refresh(): Promise<void> {
    if (this.#changes.isRunning) return;
    const { store } = this.#options;
    if ((await store.activeGeneration())?.id === this.#live.serving?.generation || this.#changes.isRunning)
      return;
    await this.#changes.run(async () => {
      const active = await store.activeGeneration();
      if (active === undefined || active.id === this.#live.serving?.generation) return;
      await this.#live.open(active.id);
      // The other replica read the same settings; where they are broken here, the former ones go on.
      const settings = await this.#settings().catch(() => undefined);
      this.#local = settings?.local ?? this.#local;
      this.#live.pruneFiles();
    });
  }

  async #settings() {
    return readFolderSettings(this.#options.folder, this.#options.federation);
  }

  async #before(options: ChangeOptions): Promise<Before> {
    const { store } = this.#options;
    const active = await store.activeGeneration();
    const { serving } = this.#live;
    // Another replica's change that was not followed yet: what is rehearsed is compared with what serves everywhere.
    if (active !== undefined && serving !== undefined && serving.generation !== active.id)
      await this.#live.open(active.id, options);
    return { active: active?.id, current: await store.listDocuments(), local: this.#local };
  }

  async #change(before: Before, wanted: Wanted, options: ChangeOptions): Promise<Change> {
    const { sources, refused = [], local = this.local(), imposed = false } = wanted;
    const plan = planReload(sources);
    const replaced = replacedBy(plan, before.current);
    const isSame = plan.added.length + replaced.changed.length + replaced.removed.length === 0;
    const warnings = [...reloadWarnings(plan.versions)];
    let outcome: Pick<ReloadReport, "rehearsal" | "cited"> = {};
    if (!isSame || imposed || this.#live.serving === undefined) {
      const { report: rehearsal } = await this.#live.replace(before, { plan, local, imposed }, options);
      warnings.push(...(await this.#prune()));
      const cited = await this.#citing([...replaced.removed, ...replaced.changed]).catch((error: unknown) => {
        const warning = `没有查到哪些回答引用过改动的文件：${messageOf(error)}`;
        warnings.push({ title: "引用情况", warning });
        return [];
      });
      outcome = {
        ...(rehearsal === undefined ? {} : { rehearsal }),
        ...(cited.length === 0 ? {} : { cited }),
      };
    }
    const status = this.status();
    return {
      added: plan.added,
      changed: plan.changed,
      removed: replaced.removed.map(({ title }) => title),
      unchanged: plan.unchanged,
      refused,
      warnings,
      generation: status?.generation ?? 0,
      documents: plan.manifest.length,
      chunks: status?.chunks ?? 0,
      ...outcome,
    };
  }

  /** What cannot be cleared away now is found again by the next change: it must not make this one a failure. */
  async #prune(): Promise<Warning[]> {
    try {
      await this.#live.prune();
      return [];
    } catch (error) {
      return [{ title: "旧版资料", warning: `新版已经在用，但旧版没有清理干净：${messageOf(error)}` }];
    }
  }

  async #citing(documents: readonly DocumentSummary[]): Promise<CitingAnswers[]> {
    if (documents.length === 0) return [];
    const found = await this.#options.store.citingAnswers(documents, { named: namedInReport });
    return found.toSorted((one, other) => other.answers - one.answers).slice(0, citedInReport);
  }

  #timed(change: () => Promise<Change>): Promise<ReloadReport> {
    const started = this.#options.now();
    return this.#changes.run(async () => ({
      ...(await change()),
      milliseconds: Math.round(this.#options.now() - started),
    }));
  }
}

/** The documents that the next generation holds in another version, and those that it does not hold. */
function replacedBy({ manifest }: ReloadPlan, current: readonly DocumentSummary[]) {
  const next = new Map(manifest.map(({ documentId, contentHash }) => [documentId, contentHash]));
  return {
    changed: current.filter(({ id, contentHash }) => next.has(id) && next.get(id) !== contentHash),
    removed: current.filter(({ id }) => !next.has(id)),
  };
}

const unavailable = () => new AppError("knowledge.library_unavailable", "资料库还没有准备好");
