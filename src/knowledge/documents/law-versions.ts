import type { DocumentKind } from "../policy-document.ts";
import { rankOfTitle } from "./document-rank.ts";
import { lawIdOf } from "./law-name.ts";

/** What is needed of a document to order the versions of its law. */
export interface LawVersion {
  readonly id: string;
  readonly title: string;
  readonly kind: DocumentKind;
  readonly published?: string;
  readonly effective?: string;
  readonly repealed?: string;
  readonly repealedBy?: string;
}

/** First day in force as far as it is known. */
export const beginOf = ({ effective, published }: Pick<LawVersion, "effective" | "published">) =>
  effective ?? (published === "" ? undefined : published);

/** Reading a title takes longer than a look-up, and documents outlive the generations that hold them. */
const laws = new WeakMap<object, { readonly law: string | undefined }>();

/** The law of which a document is a version; undefined for guides, reports and whatever is no rule. */
export function lawOf(document: Pick<LawVersion, "kind" | "title">): string | undefined {
  const known = laws.get(document);
  if (known !== undefined) return known.law;
  const { kind, title } = document;
  const isRule = kind !== "guide" && kind !== "local" && rankOfTitle(title) !== "other";
  const law = isRule ? lawIdOf(title) : undefined;
  laws.set(document, { law });
  return law;
}

/** The versions of each law of which there are several, those with the earliest begin first. */
export function versionsByLaw<Version extends LawVersion>(
  documents: readonly Version[],
): ReadonlyMap<string, readonly Version[]> {
  const byLaw = new Map<string, Version[]>();
  for (const document of documents) {
    const law = lawOf(document);
    if (law === undefined) continue;
    const known = byLaw.get(law);
    if (known === undefined) byLaw.set(law, [document]);
    else known.push(document);
  }
  for (const [law, versions] of byLaw) {
    if (versions.length < 2) byLaw.delete(law);
    else versions.sort((left, right) => ((beginOf(left) ?? "") < (beginOf(right) ?? "") ? -1 : 1));
  }
  return byLaw;
}

/**
 * The same documents, where a version of a law ends on the day on which the next one begins, unless `repealed` says
 * otherwise. Versions that begin on one day and those without any date end no other: nothing says which holds.
 */
export function linkVersions<Version extends LawVersion>(documents: readonly Version[]): Version[] {
  const linked = new Map<string, Version>();
  for (const versions of versionsByLaw(documents).values()) {
    for (const version of versions) {
      const begin = beginOf(version);
      if (begin === undefined) continue;
      const next = versions.find((other) => (beginOf(other) ?? "") > begin);
      const end = version.repealed ?? (next === undefined ? undefined : beginOf(next));
      linked.set(version.id, {
        ...version,
        effective: begin,
        ...(end === undefined ? {} : { repealed: end }),
        ...(end === undefined || version.repealedBy !== undefined || version.repealed !== undefined
          ? {}
          : { repealedBy: `${end} 起由新的文本取代` }),
      });
    }
  }
  return documents.map((document) => linked.get(document.id) ?? document);
}

/**
 * Passages with their documents as `linkVersions` gives them. How long a version holds is said nowhere twice: it is
 * worked out from its neighbours whenever an index is opened. The same list where no law has several versions.
 */
export function withVersions<Passage extends { readonly document: LawVersion }>(
  passages: readonly Passage[],
): readonly Passage[] {
  const byId = new Map<string, LawVersion>();
  for (const { document } of passages) byId.set(document.id, document);
  const documents = [...byId.values()];
  const linked = linkVersions(documents);
  const changed = new Map(linked.filter((one, i) => one !== documents[i]).map((one) => [one.id, one]));
  if (changed.size === 0) return passages;
  return passages.map((passage) => {
    const document = changed.get(passage.document.id);
    return document === undefined ? passage : { ...passage, document };
  });
}
