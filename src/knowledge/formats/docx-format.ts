import mammoth from "mammoth";
import { checkArchive } from "./check-archive.ts";
import type { FormatReader, SourceFile } from "./document-format.ts";
import { htmlToMarkdown } from "./html-to-markdown.ts";
import { normaliseText } from "./normalise-text.ts";
import { refuseDocument } from "./refuse-document.ts";

/** Style names of Chinese Word and WPS beside those that the library knows. */
const styleMap = [
  "p[style-name='Title'] => h1:fresh",
  "p[style-name='标题'] => h1:fresh",
  ...[1, 2, 3, 4, 5, 6].map((level) => `p[style-name='标题 ${level}'] => h${level}:fresh`),
];

/** A Word document: by HTML, so that headings, tables and lists stay. Pictures have no text and are left out. */
export const docxFormat: FormatReader = {
  format: "docx",
  async read(file, signal) {
    await checkArchive(file, signal);
    const html = await convertDocx(file);
    return { text: normaliseText(htmlToMarkdown(html)), warnings: [] };
  },
};

async function convertDocx(file: SourceFile): Promise<string> {
  // An image's bytes are never decoded; the empty element is dropped by the HTML reader.
  const convertImage = mammoth.images.imgElement(async () => ({ src: "" }));
  try {
    const { value } = await mammoth.convertToHtml(
      { buffer: Buffer.from(file.bytes) },
      { styleMap, convertImage },
    );
    return value;
  } catch (error) {
    throw refuseDocument(
      file.name,
      "damaged",
      "docx 内容已损坏，无法读取，请用 Word 或 WPS 打开后重新另存",
      error,
    );
  }
}
