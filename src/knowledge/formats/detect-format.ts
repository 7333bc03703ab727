import type { DocumentFormat, SourceFile } from "./document-format.ts";
import { refuseDocument } from "./refuse-document.ts";

/** Bytes from the beginning that decide. */
const headLength = 4096;

const extensionFormats: Readonly<Record<string, DocumentFormat>> = {
  md: "markdown",
  markdown: "markdown",
  txt: "text",
  text: "text",
  html: "html",
  htm: "html",
  xhtml: "html",
  docx: "docx",
  pdf: "pdf",
};

const formatNames: Readonly<Record<DocumentFormat, string>> = {
  markdown: "Markdown",
  text: "纯文本",
  html: "网页（HTML）",
  docx: "Word 文档（docx）",
  pdf: "PDF",
};

export interface DetectedFormat {
  readonly format: DocumentFormat;
  readonly warnings: readonly string[];
}

/**
 * Says what a file is: by its content where the content tells, by its extension only between kinds of plain text.
 * A name that contradicts the content is a warning, not a fault.
 *
 * @throws AppError `knowledge.document_refused` for a file of another kind, with the way to convert it.
 */
export function detectFormat(file: SourceFile): DetectedFormat {
  const extension = /\.([^./\\]+)$/.exec(file.name)?.[1]?.toLowerCase() ?? "";
  const named = extensionFormats[extension];
  const format = formatByContent(file) ?? textFormat(named);
  if (named === format) return { format, warnings: [] };
  const told = extension === "" ? "文件名没有扩展名" : `扩展名是 .${extension}`;
  return { format, warnings: [`${told}，但内容是${formatNames[format]}，已按内容读取`] };
}

function textFormat(named: DocumentFormat | undefined): DocumentFormat {
  return named === "markdown" ? "markdown" : "text";
}

/** Undefined for plain text, whose kind only the extension tells. */
function formatByContent(file: SourceFile): DocumentFormat | undefined {
  const bytes = Buffer.from(file.bytes.buffer, file.bytes.byteOffset, file.bytes.byteLength);
  const head = bytes.subarray(0, headLength);
  // The format allows some bytes before the mark, as mail gateways leave them.
  if (head.subarray(0, 1024).includes("%PDF-")) return "pdf";
  if (startsWith(head, "PK\u0003\u0004") || startsWith(head, "PK\u0005\u0006"))
    return formatOfArchive(bytes, file.name);
  refuseKnownBinary(head, bytes, file.name);
  const start = headText(head, file.name);
  return /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:[^-]|-(?!->))*-->\s*)*<(?:!doctype\s+html|html|head|body)[\s>]/i.test(
    start,
  ) ||
    (/\.x?html?$/i.test(file.name) && /<\/?[a-z][a-z0-9]*[\s/>]/i.test(start))
    ? "html"
    : undefined;
}

function formatOfArchive(bytes: Buffer, name: string): DocumentFormat {
  if (bytes.includes("word/document.xml")) return "docx";
  if (bytes.includes("xl/workbook.xml")) {
    throw refuseDocument(name, "not_supported", "这是 Excel 表格，请另存为 PDF 或把内容粘贴到 docx 后上传");
  }
  if (bytes.includes("ppt/presentation.xml")) {
    throw refuseDocument(name, "not_supported", "这是 PPT 演示文稿，请导出为 PDF 后上传");
  }
  throw refuseDocument(name, "not_supported", "这是压缩包或不完整的 docx，请解压后逐个上传其中的文件");
}

function refuseKnownBinary(head: Buffer, bytes: Buffer, name: string): void {
  if (head.subarray(0, 8).equals(Buffer.from("d0cf11e0a1b11ae1", "hex"))) {
    if (bytes.includes(Buffer.from("EncryptedPackage", "utf16le"))) {
      throw refuseDocument(name, "password_protected", "文档有密码保护，请去掉密码后重新上传");
    }
    throw refuseDocument(
      name,
      "not_supported",
      "这是旧版 Office 文件（.doc/.xls），请另存为 .docx 或 PDF 后上传",
    );
  }
  if (startsWith(head, "{\\rtf")) {
    throw refuseDocument(name, "not_supported", "这是 RTF 文件，请另存为 .docx 或 PDF 后上传");
  }
  const images = ["\u0089PNG", "\u00ff\u00d8\u00ff", "GIF8", "II*\u0000", "MM\u0000*"];
  if (images.some((mark) => startsWith(head, mark))) {
    throw refuseDocument(name, "not_supported", "这是图片，不含可检索的文字，请上传文字版文件");
  }
}

/** The beginning as text, exact enough for tags, which are ASCII in every encoding that is read here. */
function headText(head: Buffer, name: string): string {
  if (startsWith(head, "\u00ff\u00fe")) return new TextDecoder("utf-16le").decode(head);
  if (startsWith(head, "\u00fe\u00ff")) return new TextDecoder("utf-16be").decode(head);
  const zeros = head.reduce((count, byte) => count + (byte === 0 ? 1 : 0), 0);
  if (zeros > head.length / 50) {
    throw refuseDocument(name, "binary", "无法识别的二进制文件，可上传 Markdown、txt、HTML、docx 或 PDF");
  }
  return head.toString("latin1").replace(/^\u00ef\u00bb\u00bf/, "");
}

function startsWith(head: Buffer, mark: string): boolean {
  return head.subarray(0, mark.length).equals(Buffer.from(mark, "latin1"));
}
