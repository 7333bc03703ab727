import type { ReadLibrary } from "../documents/read-library.ts";
import type { DocumentSummary, ManifestEntry, StoredVersion } from "../knowledge-store.ts";
import type { PolicyDocument } from "../policy-document.ts";

/** What a reload would change, by document title or path, for the report. */
export interface ReloadPlan {
  /** The fixed set of versions of the new generation. */
  readonly manifest: readonly ManifestEntry[];
  /** Versions that must be written first. */
  readonly versions: readonly StoredVersion[];
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

export interface ReloadSources {
  /** The documents that serve now. */
  readonly current: readonly DocumentSummary[];
  /** The knowledge folder as read; undefined: the folder's documents stay as they are. */
  readonly library?: ReadLibrary;
  /** Documents made from the local data. */
  readonly local?: readonly StoredVersion[];
  /** Documents that stay, with another standing: taken in place of their current version. */
  readonly restated?: readonly StoredVersion[];
  /** Documents brought by `knowledge add`. */
  readonly brought?: readonly StoredVersion[];
}

/**
 * Puts together which version of which document the next generation holds. A refused file keeps the version that
 * serves; a document that came by `add` stays until it is removed; a library file that is gone is removed.
 */
export function planReload({
  current,
  library,
  local = [],
  restated = [],
  brought = [],
}: ReloadSources): ReloadPlan {
  const next = new Map<string, { entry: ManifestEntry; title: string; version?: StoredVersion }>();
  const keep = (document: DocumentSummary) =>
    next.set(document.id, { entry: entryOf(document), title: document.title });
  const take = (version: StoredVersion) =>
    next.set(version.document.id, {
      entry: entryOf(version.document),
      title: version.document.title,
      version,
    });

  const kept = new Set([
    ...(library?.unchangedPaths ?? []),
    ...(library?.refused ?? []).map(({ path }) => path),
  ]);
  for (const document of current) {
    if (document.origin === "added" || library === undefined || kept.has(document.path)) keep(document);
  }
  for (const version of restated) if (next.has(version.document.id)) take(version);
  for (const version of [...(library?.versions ?? []), ...local, ...brought]) take(version);

  const before = new Map(current.map((document) => [document.id, document]));
  const planned = [...next.values()].sort((left, right) =>
    left.entry.documentId < right.entry.documentId ? -1 : 1,
  );
  const isNew = ({ entry }: (typeof planned)[number]) => !before.has(entry.documentId);
  const isChanged = ({ entry }: (typeof planned)[number]) =>
    before.has(entry.documentId) && before.get(entry.documentId)?.contentHash !== entry.contentHash;
  return {
    manifest: planned.map(({ entry }) => entry),
    versions: planned
      .filter((item) => isNew(item) || isChanged(item))
      .flatMap(({ version }) => (version === undefined ? [] : [version])),
    added: planned.filter(isNew).map(({ title }) => title),
    changed: planned.filter(isChanged).map(({ title }) => title),
    removed: current.filter(({ id }) => !next.has(id)).map(({ title }) => title),
    unchanged: planned.filter((item) => !isNew(item) && !isChanged(item)).length,
  };
}

const entryOf = (document: Pick<PolicyDocument, "id" | "contentHash">): ManifestEntry => ({
  documentId: document.id,
  contentHash: document.contentHash,
});
