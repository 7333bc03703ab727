import { createHash } from "node:crypto";
import { basename } from "node:path";
import { AppError } from "../../errors.ts";
import { extractText } from "../formats/extract-text.ts";
import type { DocumentSummary, StoredVersion } from "../knowledge-store.ts";
import type { DocumentKind, DocumentOrigin, PolicyDocument, Source } from "../policy-document.ts";
import { assertLossless } from "../sections/check-sections.ts";
import { cutChunks } from "../sections/cut-chunks.ts";
import { splitSections } from "../sections/split-sections.ts";
import { type FrontMatter, parseFrontMatter } from "./front-matter.ts";
import type { LawRegister } from "./law-register.ts";

export interface DocumentFile {
  /** Relative to the folder that it was read from. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly origin: DocumentOrigin;
}

/** Name with the date of its version, as law collections write it: 劳动合同法(2012-12-28).md */
const datedName = /^(?<title>.+?)\s*[（(](?<date>\d{4}-\d{2}-\d{2})[）)]$/u;

/**
 * Reads one file into a policy document: extraction, front matter, sections with the loss check, status by the law
 * register. Throws `knowledge.document_refused` or `knowledge.front_matter_invalid` with a line for the editor.
 */
export async function readDocument(
  file: DocumentFile,
  register: LawRegister,
  signal?: AbortSignal,
): Promise<PolicyDocument> {
  const extracted = await extractText({ name: basename(file.path), bytes: file.bytes }, signal);
  const { frontMatter, body } =
    extracted.format === "markdown"
      ? parseFrontMatter(extracted.text)
      : { frontMatter: undefined, body: extracted.text };
  if (body.trim() === "") {
    throw new AppError("knowledge.document_refused", "文件里没有文字", {
      details: { name: file.path, reason: "empty" },
    });
  }
  const sections = splitSections(body, extracted.pages === undefined ? {} : { pages: extracted.pages });
  assertLossless(body, sections);
  const described =
    frontMatter === undefined
      ? describeFile(file.path, body, sections, register)
      : describeGuide(frontMatter);
  return {
    ...described,
    origin: file.origin,
    path: file.path,
    text: body,
    sections,
    warnings: extracted.warnings,
    contentHash: contentHashOf(fileHashOf(file), described),
  };
}

/** Raised when reading changes so that the same file gives other sections, chunks or descriptions. */
const readerVersion = 2;

/** SHA-256 over all that reading depends on, but for the law register: the same hash need not be read again. */
export function fileHashOf({ path, bytes, origin }: DocumentFile): string {
  return createHash("sha256").update(`${readerVersion}\n${origin}\n${path}\n`).update(bytes).digest("hex");
}

/** A file that changes is another version, and so is one whose text is no longer in force. */
function contentHashOf(fileHash: string, { repealed, repealedBy }: Standing): string {
  return hashOf([fileHash, repealed, repealedBy]);
}

type Description = Omit<PolicyDocument, "origin" | "path" | "text" | "sections" | "warnings" | "contentHash">;

function describeGuide(matter: FrontMatter): Description {
  return {
    id: matter.id,
    title: matter.title,
    kind: "guide",
    topic: matter.topic,
    region: matter.region,
    audience: matter.audience,
    sources: matter.source as Source[],
    ...(matter.effective === undefined ? {} : { effective: matter.effective }),
    ...(matter.repealed === undefined ? {} : { repealed: matter.repealed }),
    verified: matter.verified,
    questions: matter.questions,
  };
}

function describeFile(
  path: string,
  text: string,
  sections: PolicyDocument["sections"],
  register: LawRegister,
): Description {
  const name = basename(path).replace(/\.[^.]+$/u, "");
  const dated = datedName.exec(name)?.groups;
  const title = dated?.title ?? /^#\s+(?<title>.+)$/mu.exec(text)?.groups?.title?.trim() ?? name;
  const published = dated?.date;
  const articles = sections.filter(({ label }) => label !== undefined).length;
  const kind: DocumentKind = articles >= 3 ? "law" : "document";
  return {
    id: slugOf(title, published),
    title,
    kind,
    region: regionOf(title),
    audience: [],
    sources: [{ law: title, date: published ?? "" }],
    ...(published === undefined ? {} : { published }),
    ...standingOf(title, published, register),
    questions: [],
  };
}

type Standing = Pick<PolicyDocument, "repealed" | "repealedBy">;

function standingOf(title: string, published: string | undefined, register: LawRegister): Standing {
  const status = register.statusOf(title, published);
  return {
    ...(status?.repealed === undefined ? {} : { repealed: status.repealed }),
    ...(status === undefined ? {} : { repealedBy: status.note }),
  };
}

/** Whether the register sees a document otherwise than it did when the document was read. */
export function hasOtherStanding(
  { kind, title, published, repealed, repealedBy }: DocumentSummary,
  register: LawRegister,
): boolean {
  if (kind === "guide" || kind === "local") return false;
  const standing = standingOf(title, published, register);
  return standing.repealed !== repealed || standing.repealedBy !== repealedBy;
}

/** The same document, cut again, with the standing that the register gives it now. */
export function withStanding(
  { document: read, fileHash }: StoredVersion,
  register: LawRegister,
): StoredVersion {
  const { repealed: _repealed, repealedBy: _repealedBy, ...rest } = read;
  const standing = standingOf(read.title, read.published, register);
  const document = { ...rest, ...standing, contentHash: contentHashOf(fileHash, standing) };
  return { document, chunks: cutChunks(document), fileHash };
}

const provinces =
  "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|" +
  "陕西|甘肃|青海|内蒙古|广西|西藏|宁夏|新疆";
const localTitle = new RegExp(
  `^(?:(?<province>${provinces})(?:省|市|[\\p{Script=Han}]{0,3}自治区)|(?<city>(?!关于|全国|国家|国务院|城市|在|对|各)\\p{Script=Han}{2,4}市)(?!场|政|民|容|值|级))`,
  "u",
);

/** A local law names its place first: 重庆市工会条例, 深圳市员工工资支付条例. */
function regionOf(title: string): string {
  const { province, city } = localTitle.exec(title)?.groups ?? {};
  return province ?? city?.slice(0, -1) ?? "全国";
}

function slugOf(title: string, published?: string): string {
  const digest = createHash("sha256").update(title).digest("hex").slice(0, 12);
  return published === undefined ? `doc-${digest}` : `doc-${digest}-${published}`;
}

/** SHA-256 of a value's JSON. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
