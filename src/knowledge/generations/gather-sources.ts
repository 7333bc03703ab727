import { AppError } from "../../errors.ts";
import type { LawRegister } from "../documents/law-register.ts";
import type { LocalData } from "../documents/local-data.ts";
import { localDocuments } from "../documents/local-documents.ts";
import { hashOf, hasOtherStanding, withStanding } from "../documents/read-document.ts";
import { type ReadLibrary, type Refusal, readLibrary } from "../documents/read-library.ts";
import type { DocumentSummary, KnowledgeStore, StoredVersion } from "../knowledge-store.ts";
import type { DocumentOrigin } from "../policy-document.ts";
import type { ChangeOptions } from "../reload-report.ts";
import { cutChunks } from "../sections/cut-chunks.ts";
import type { ReloadSources } from "./plan-reload.ts";

export interface Gathered {
  readonly sources: ReloadSources;
  readonly refused: readonly Refusal[];
}

/** Text of a document that serves, for finding duplicates; undefined where it is not at hand. */
export type TextOf = (documentId: string) => string | undefined;

/** What a reload goes by: the folder, its local data, and the law register's word on documents that stay. */
export async function gatherFolder(
  folder: string,
  settings: { readonly register: LawRegister; readonly local: LocalData },
  current: readonly DocumentSummary[],
  store: KnowledgeStore,
  options: ChangeOptions,
  textOf?: TextOf,
): Promise<Gathered> {
  const local = versionsOf(settings.local);
  const taken = new Map([
    ...local.map(({ document }) => [document.id, "本地数据"] as const),
    ...current
      .filter(({ origin }) => origin === "added")
      .map(({ id, title }) => [id, `添加的“${title}”`] as const),
  ]);
  const library = await read(folder, "library", settings.register, current, taken, options, textOf);
  const restated = await restate(current, settings.register, store);
  return { sources: { current, library, local, restated }, refused: library.refused };
}

/** What an addition goes by. A path that does not exist is refused by name like a broken file. */
export async function gatherAdded(
  paths: readonly string[],
  register: LawRegister,
  current: readonly DocumentSummary[],
  options: ChangeOptions,
  textOf?: TextOf,
): Promise<Gathered> {
  const taken = new Map(
    current
      .filter(({ origin }) => origin === "library")
      .map(({ id, path }) => [id, `资料文件夹里的 ${path}`]),
  );
  const brought: StoredVersion[] = [];
  const refused: Refusal[] = [];
  for (const path of paths) {
    try {
      const found = await read(path, "added", register, current, taken, options, textOf, brought);
      brought.push(...found.versions);
      refused.push(...found.refused);
      for (const { document } of found.versions) taken.set(document.id, document.path);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "knowledge.document_refused") throw error;
      refused.push({ path, reason: error.message });
    }
  }
  return { sources: { current, brought }, refused };
}

function read(
  root: string,
  origin: DocumentOrigin,
  register: LawRegister,
  current: readonly DocumentSummary[],
  taken: ReadonlyMap<string, string>,
  { onProgress, signal }: ChangeOptions,
  textOf: TextOf = () => undefined,
  brought: readonly StoredVersion[] = [],
): Promise<ReadLibrary> {
  const texts = new Map(brought.map(({ document: { id, text } }) => [id, text]));
  const known = new Map(
    current
      .filter((document) => document.origin === origin)
      .map((document) => [`${document.path}\n${document.fileHash}`, document.id]),
  );
  return readLibrary(root, {
    origin,
    register,
    taken,
    current: [...current, ...brought.map(({ document }) => document)],
    textOf: (id) => texts.get(id) ?? textOf(id),
    knownAs: (path, fileHash) => known.get(`${path}\n${fileHash}`),
    onProgress: (done, total) => onProgress?.({ stage: "reading", done, total }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** A law may have been repealed since it was read; its text stands in the database. */
async function restate(
  current: readonly DocumentSummary[],
  register: LawRegister,
  store: KnowledgeStore,
): Promise<StoredVersion[]> {
  const stale = new Set(
    current.filter((document) => hasOtherStanding(document, register)).map(({ id }) => id),
  );
  const active = stale.size === 0 ? undefined : await store.activeGeneration();
  if (active === undefined) return [];
  const versions = await store.loadGeneration(active.id);
  return versions
    .filter(({ document }) => stale.has(document.id))
    .map((version) => withStanding(version, register));
}

/** The local data's documents as versions; their content is their file. */
function versionsOf(local: LocalData): StoredVersion[] {
  return localDocuments(local).map((document) => ({
    document,
    chunks: cutChunks(document),
    fileHash: hashOf(document.contentHash),
  }));
}
