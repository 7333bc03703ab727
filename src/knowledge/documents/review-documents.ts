import type { DocumentSummary, StoredVersion } from "../knowledge-store.ts";
import type { PolicyDocument } from "../policy-document.ts";
import { longAgo } from "./law-register.ts";
import { beginOf, lawOf, versionsByLaw } from "./law-versions.ts";
import { type ComparedText, nearDuplicates } from "./near-duplicates.ts";
import { isKnownRegion } from "./regions.ts";

/** A document that stays as it is: what is known of it without reading it again. */
export type StayingDocument = Omit<DocumentSummary, "chunks" | "fileHash" | "updatedAt">;

/** A version that begins so long after its publication is likely to have a wrong date. */
const longestWait = 3;
/** More versions of one law than an editor is likely to have meant. */
const manyVersions = 5;
const mostNamed = 12;
/** Signs and headings aside, near texts are about as long: the shorter one has this share of the longer one. */
const nearestLength = 0.7;

/**
 * The versions that were just read, each with what an editor should look at beside the others and those that stay:
 * dates that contradict each other, a place that nobody asks for, versions of one law, duplicates. Nothing is left
 * out or chosen here; it is only named. `textOf` gives the text of one that stays, where it is at hand.
 */
export function reviewDocuments(
  fresh: readonly StoredVersion[],
  staying: readonly StayingDocument[] = [],
  textOf: (documentId: string) => string | undefined = () => undefined,
): StoredVersion[] {
  if (fresh.length === 0) return [];
  const documents = fresh.map(({ document }) => document);
  const read = new Set(documents.map(({ id }) => id));
  const others = staying.filter(({ id }) => !read.has(id));
  const all: readonly StayingDocument[] = [...documents, ...others];
  const findings = new Map<string, string[]>(
    documents.map((document) => [document.id, [...ownFaults(document)]]),
  );
  const say = (id: string, finding: string) => findings.get(id)?.push(finding);
  for (const [law, versions] of versionsByLaw(all))
    for (const version of versions)
      if (read.has(version.id))
        for (const finding of versionFindings(law, version, versions)) say(version.id, finding);
  const byId = new Map(all.map((document) => [document.id, document]));
  for (const { left, right, share } of nearDuplicates([
    ...documents,
    ...comparable(documents, others, textOf),
  ])) {
    const pair = [byId.get(left), byId.get(right)] as [StayingDocument, StayingDocument];
    if (share < 1 && lawOf(pair[0]) !== undefined && lawOf(pair[0]) === lawOf(pair[1])) continue;
    const how = share === 1 ? "内容完全相同" : `内容约有 ${Math.floor(share * 100)}% 相同`;
    for (const [one, other] of [pair, pair.toReversed()] as [StayingDocument, StayingDocument][])
      say(one.id, `与“${other.title}”（${other.path}）${how}，请留下其中一份`);
  }
  return fresh.map((version) => {
    const found = findings.get(version.document.id) ?? [];
    if (found.length === 0) return version;
    const warnings = [...new Set([...version.document.warnings, ...found])];
    return { ...version, document: { ...version.document, warnings } };
  });
}

/** Texts of those that stay which are about as long as one that was read: no other can be near it. */
function comparable(
  documents: readonly PolicyDocument[],
  others: readonly StayingDocument[],
  textOf: (documentId: string) => string | undefined,
): ComparedText[] {
  const lengths = documents.map(({ text }) => text.length);
  return others.flatMap(({ id, kind }) => {
    const text = kind === "local" ? undefined : textOf(id);
    if (text === undefined) return [];
    const near = lengths.some(
      (length) => Math.min(length, text.length) >= nearestLength * Math.max(length, text.length),
    );
    return near ? [{ id, text }] : [];
  });
}

function* ownFaults({ kind, region, published, effective, repealed }: PolicyDocument): Generator<string> {
  if (effective !== undefined && repealed !== undefined && repealed !== longAgo && effective >= repealed)
    yield `生效日期 ${effective} 不早于失效日期 ${repealed}，日期互相矛盾：这份文件不会作为依据，请核对`;
  if (effective !== undefined && published !== undefined && published !== "") {
    const years = yearsBetween(published, effective);
    if (years > longestWait)
      yield `生效日期 ${effective} 比公布日期 ${published} 晚了 ${Math.floor(years)} 年，请核对`;
    if (years < 0 && kind !== "guide") yield `生效日期 ${effective} 早于公布日期 ${published}，请核对`;
  }
  if (kind !== "local" && !isKnownRegion(region))
    yield `适用地区“${region}”不在省、市名单里，只有那里的人问起才会用到，请核对`;
}

function* versionFindings(
  law: string,
  version: StayingDocument,
  versions: readonly StayingDocument[],
): Generator<string> {
  const begin = beginOf(version);
  const named = versions.slice(0, mostNamed).map((one) => beginOf(one) ?? "没有日期");
  const more = versions.length > mostNamed ? ` 等，共 ${versions.length} 个` : "";
  const many = versions.length >= manyVersions ? "，版本较多，请核对是否都需要" : "";
  yield `《${law}》有 ${versions.length} 个文本（${named.join("、")}${more}）：各用到下一个生效为止${many}`;
  if (begin === undefined) {
    yield `看不出是《${law}》的哪一个文本：没有公布和生效日期，请在文件名里写上日期，例如 ${law}(2021-12-24)`;
    return;
  }
  for (const other of versions)
    if (other.id !== version.id && beginOf(other) === begin)
      yield `与“${other.title}”（${other.path}）同在 ${begin} 生效，无法判断用哪一个：两个都还在用，请核对`;
}

const yearsBetween = (from: string, to: string) =>
  (Date.parse(fullDate(to)) - Date.parse(fullDate(from))) / (365.25 * 86_400_000);

/** A year or a month begins on its first day. */
const fullDate = (date: string) => `${date}-01-01`.slice(0, 10);
