import { createHash } from "node:crypto";
import { basename } from "node:path";
import { AppError } from "../../errors.ts";
import { extractText } from "../formats/extract-text.ts";
import type { DocumentSummary, StoredVersion } from "../knowledge-store.ts";
import type { DocumentKind, DocumentOrigin, PolicyDocument, Source } from "../policy-document.ts";
import { assertLossless } from "../sections/check-sections.ts";
import { cutChunks } from "../sections/cut-chunks.ts";
import { splitSections } from "../sections/split-sections.ts";
import { rankOfTitle } from "./document-rank.ts";
import { type FrontMatter, parseFrontMatter } from "./front-matter.ts";
import { type LawDates, lawDates } from "./law-dates.ts";
import type { LawRegister } from "./law-register.ts";
import { nationwide, placeOfTitle } from "./regions.ts";

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
  const { described, standing, faults } =
    frontMatter === undefined
      ? describeFile(file.path, body, sections, register)
      : { described: describeGuide(frontMatter), standing: guideStanding(frontMatter), faults: [] };
  return {
    ...described,
    origin: file.origin,
    path: file.path,
    text: body,
    sections,
    warnings: [...extracted.warnings, ...faults],
    contentHash: contentHashOf(fileHashOf(file), standing),
  };
}

/** Raised when reading changes so that the same file gives other sections, chunks or descriptions. */
const readerVersion = 3;

/** SHA-256 over all that reading depends on, but for the law register: the same hash need not be read again. */
export function fileHashOf({ path, bytes, origin }: DocumentFile): string {
  return createHash("sha256").update(`${readerVersion}\n${origin}\n${path}\n`).update(bytes).digest("hex");
}

/** What the law register, or the editor of a guide, says of a document's standing. */
interface Standing {
  readonly effective?: string;
  readonly repealed?: string;
  readonly repealedBy?: string;
}

/** A file that changes is another version, and so is one whose text holds from another day or no longer. */
function contentHashOf(fileHash: string, { effective, repealed, repealedBy }: Standing): string {
  return hashOf([fileHash, repealed, repealedBy, ...(effective === undefined ? [] : [effective])]);
}

/** A guide's begin stands in its file, and so in the hash of its file. */
const guideStanding = ({ repealed }: FrontMatter): Standing => (repealed === undefined ? {} : { repealed });

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
): { described: Description; standing: Standing; faults: readonly string[] } {
  const name = basename(path).replace(/\.[^.]+$/u, "");
  const dated = datedName.exec(name)?.groups;
  const title = dated?.title ?? /^#\s+(?<title>.+)$/mu.exec(text)?.groups?.title?.trim() ?? name;
  const told = isRule(title) ? lawDates(text) : undefined;
  const published = dated?.date ?? told?.published;
  const articles = sections.filter(({ label }) => label !== undefined).length;
  const kind: DocumentKind = articles >= 3 ? "law" : "document";
  const standing = standingOf(title, published, register);
  const { effective, faults } = beginOfText(told, published, dated?.date, standing);
  return {
    described: {
      id: slugOf(title, published),
      title,
      kind,
      region: placeOfTitle(title) ?? nationwide,
      audience: [],
      sources: [{ law: title, date: published ?? "" }],
      ...(published === undefined ? {} : { published }),
      ...standing,
      ...(effective === undefined ? {} : { effective }),
      questions: [],
    },
    standing,
    faults,
  };
}

const isRule = (title: string) => rankOfTitle(title) !== "other";

/**
 * The first day of a text: what the register says, else what the text says of itself. An amended text still has the
 * first edition's day at its end; without a word of the register it holds from its publication.
 */
function beginOfText(
  told: LawDates | undefined,
  published: string | undefined,
  named: string | undefined,
  standing: Standing,
): { effective?: string; faults: readonly string[] } {
  if (standing.effective !== undefined) return { effective: standing.effective, faults: [] };
  if (told === undefined) return { faults: [] };
  const faults: string[] = [];
  if (named !== undefined && told.published !== undefined && yearOf(told.published) > yearOf(named) + 1)
    faults.push(`文件名里的日期 ${named} 早于文中写的公布日期 ${told.published}，请核对；现在按文件名`);
  const { effective } = told;
  if (effective !== undefined && (published === undefined || effective >= published))
    return { effective, faults };
  if (published === undefined) return { faults };
  if (told.amended && standing.repealed === undefined)
    faults.push(`修正后的文本从哪天起施行，laws.yaml 里没有登记，按公布日期 ${published} 起算`);
  if (!told.amended && effective !== undefined)
    faults.push(
      `文中写的施行日期 ${effective} 早于公布日期 ${published}，又没有写明是修正本，请核对；现在按公布日期起算`,
    );
  return { effective: published, faults };
}

const yearOf = (date: string) => Number(date.slice(0, 4));

function standingOf(title: string, published: string | undefined, register: LawRegister): Standing {
  const status = register.statusOf(title, published);
  return {
    ...(status?.effective === undefined ? {} : { effective: status.effective }),
    ...(status?.repealed === undefined ? {} : { repealed: status.repealed }),
    ...(status?.note === undefined ? {} : { repealedBy: status.note }),
  };
}

/** Whether the register sees a document otherwise than it did when the document was read. */
export function hasOtherStanding(
  { kind, title, published, contentHash, fileHash }: DocumentSummary,
  register: LawRegister,
): boolean {
  if (kind === "guide" || kind === "local") return false;
  return contentHash !== contentHashOf(fileHash, standingOf(title, published, register));
}

/** The same document, cut again, with the standing that the register gives it now. */
export function withStanding(
  { document: read, fileHash }: StoredVersion,
  register: LawRegister,
): StoredVersion {
  const { repealed: _repealed, repealedBy: _repealedBy, effective: _effective, ...rest } = read;
  const standing = standingOf(read.title, read.published, register);
  const told = isRule(read.title) ? lawDates(read.text) : undefined;
  const { effective } = beginOfText(told, read.published, undefined, standing);
  const document = {
    ...rest,
    ...standing,
    ...(effective === undefined ? {} : { effective }),
    contentHash: contentHashOf(fileHash, standing),
  };
  return { document, chunks: cutChunks(document), fileHash };
}

function slugOf(title: string, published?: string): string {
  const digest = createHash("sha256").update(title).digest("hex").slice(0, 12);
  return published === undefined ? `doc-${digest}` : `doc-${digest}-${published}`;
}

/** SHA-256 of a value's JSON. */
export function hashOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}
