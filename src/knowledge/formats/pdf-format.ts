import { PDFLoader } from "@langchain/community/document_loaders/fs/pdf";
import { getResolvedPDFJS } from "unpdf";
import { foldCjkRadicals } from "./cjk-radicals.ts";
import type { FormatReader, PageRange, SourceFile } from "./document-format.ts";
import { joinBrokenLines, pageJoint } from "./join-broken-lines.ts";
import { limits } from "./limits.ts";
import { normaliseText } from "./normalise-text.ts";
import { refuseDocument } from "./refuse-document.ts";
import { unreadableShare } from "./text-quality.ts";

/** More than this share of unreadable characters, and a page's font has no usable mapping to characters. */
const maxUnreadable = 0.2;

interface PageText {
  readonly page: number;
  readonly text: string;
}

/** A PDF, page by page. Pages without text are named in the warnings; a file without any text is refused. */
export const pdfFormat: FormatReader = {
  format: "pdf",
  async read(file) {
    const { raw, pageCount } = await loadPages(file);
    const pages = raw.map(({ page, text }) => ({ page, text: cleanPage(text, page) }));
    const readable = pages.filter(({ text }) => text !== "" && unreadableShare(text) <= maxUnreadable);
    const garbled = pages.filter(({ text }) => unreadableShare(text) > maxUnreadable).map(({ page }) => page);
    if (readable.length === 0) {
      const what =
        garbled.length > 0
          ? "PDF 的文字无法辨认（字体编码损坏）"
          : `PDF 的 ${pageCount} 页都没有文字（可能是扫描件）`;
      throw refuseDocument(file.name, "no_text", `${what}，请上传可复制文字的版本或 docx`);
    }
    const present = new Set([...readable.map(({ page }) => page), ...garbled]);
    const blank = Array.from({ length: pageCount }, (_, index) => index + 1).filter(
      (page) => !present.has(page),
    );
    const warnings: string[] = [];
    if (blank.length > 0) warnings.push(pagesLine(blank, "没有文字（可能是扫描件）"));
    if (garbled.length > 0) warnings.push(pagesLine(garbled, "文字无法辨认（字体编码损坏），未收录"));
    return { ...assemblePages(readable), warnings };
  },
};

/** All pages with any text, as the library finds them, and how many pages the file has. */
async function loadPages(file: SourceFile): Promise<{ raw: PageText[]; pageCount: number }> {
  const { getDocument, version } = await getResolvedPDFJS();
  const tasks: ReturnType<typeof getDocument>[] = [];
  const openDocument = (source: object) => {
    // Level 0 prints errors only: what a damaged file makes the library say is no line for our log.
    const task = getDocument({ ...source, verbosity: 0 });
    tasks.push(task);
    return task;
  };
  try {
    const blob = new Blob([new Uint8Array(file.bytes)]);
    const loader = new PDFLoader(blob, {
      pdfjs: async () => ({ isV2: false, getDocument: openDocument, version }),
    });
    const documents = await loader.load();
    const raw: PageText[] = [];
    let length = 0;
    for (const document of documents) {
      length += document.pageContent.length;
      if (length > limits.textLength * 2)
        throw refuseDocument(file.name, "text_too_long", "文字过长，请拆分后上传");
      const { loc } = document.metadata as { loc: { pageNumber: number } };
      raw.push({ page: loc.pageNumber, text: document.pageContent });
    }
    const opened = await tasks[0]?.promise;
    return { raw, pageCount: opened?.numPages ?? raw.length };
  } catch (error) {
    throw translate(error, file.name);
  } finally {
    for (const task of tasks) await task.destroy();
  }
}

function translate(error: unknown, name: string): unknown {
  const kind = error instanceof Error ? error.name : "";
  if (kind === "AppError") return error;
  if (kind === "PasswordException") {
    return refuseDocument(name, "password_protected", "PDF 有密码保护，请去掉密码后重新上传", error);
  }
  return refuseDocument(name, "damaged", "PDF 已损坏，无法读取，请重新导出后上传", error);
}

/** A page's text in its normal form, without the line that only counts pages. */
function cleanPage(text: string, page: number): string {
  const lines = normaliseText(foldCjkRadicals(text)).split("\n");
  for (const at of [lines.length - 1, 0]) {
    if (isPageNumber(lines[at] ?? "", page)) lines.splice(at, 1);
  }
  return normaliseText(joinBrokenLines(lines.join("\n")));
}

function isPageNumber(line: string, page: number): boolean {
  if (/^\s*(?:[-—–]\s*\d{1,4}\s*[-—–]|第\s*\d{1,4}\s*页(?:\s*[，,/]?\s*共\s*\d{1,4}\s*页)?)\s*$/.test(line))
    return true;
  return line.trim() === String(page);
}

/** Puts the pages together; what joins two pages belongs to the first, so that the ranges cover the whole text. */
function assemblePages(pages: readonly PageText[]): { text: string; pages: PageRange[] } {
  const ranges: PageRange[] = [];
  let text = "";
  for (const [index, { page, text: pageText }] of pages.entries()) {
    const start = text.length;
    const next = pages[index + 1];
    text += next === undefined ? pageText : pageText + pageJoint(pageText, next.text);
    ranges.push({ start, end: text.length, page });
  }
  return { text, pages: ranges };
}

function pagesLine(pages: readonly number[], what: string): string {
  const shown = pages.slice(0, 20).join("、");
  return `${pages.length} 页${what}：第 ${shown} ${pages.length > 20 ? "等" : ""}页`;
}
