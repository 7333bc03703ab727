import { AppError } from "../../errors.ts";
import type { KnowledgeStore, ManifestEntry } from "../knowledge-store.ts";

/** Events that are looked at: a roll-back further back was followed by so many others that it decides nothing. */
const mostEvents = 100;

/**
 * Throws `knowledge.rehearsal_failed` where these are the very documents that somebody rolled back from: an editor or
 * a timer that reloads must not undo that decision unawares.
 */
export async function refuseRolledBack(
  store: Pick<KnowledgeStore, "history" | "manifest">,
  manifest: readonly ManifestEntry[],
  active: number,
): Promise<void> {
  const last = (await store.history(mostEvents)).find(({ event }) => event === "rolled_back");
  const left = last?.against;
  if (last?.generation !== active || left === undefined || left < active) return;
  if (!isSame(await store.manifest(left), manifest)) return;
  throw new AppError(
    "knowledge.rehearsal_failed",
    `资料和撤下的第 ${left} 版一样，没有再次启用，第 ${active} 版继续使用。` +
      "请先改好资料；确实要用，请写明理由：--accept “理由”，或用 knowledge rollback 回到那一版",
    { details: { rolledBackFrom: left } },
  );
}

function isSame(one: readonly ManifestEntry[], other: readonly ManifestEntry[]): boolean {
  const hashes = new Map(one.map(({ documentId, contentHash }) => [documentId, contentHash]));
  return (
    one.length === other.length &&
    other.every(({ documentId, contentHash }) => hashes.get(documentId) === contentHash)
  );
}
