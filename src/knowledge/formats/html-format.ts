import { decodeText } from "./decode-text.ts";
import type { FormatReader } from "./document-format.ts";
import { htmlToMarkdown } from "./html-to-markdown.ts";
import { normaliseText } from "./normalise-text.ts";
import { refuseDocument } from "./refuse-document.ts";

/** A saved web page. */
export const htmlFormat: FormatReader = {
  format: "html",
  async read(file) {
    const { text, warnings } = decodeText(file.bytes, file.name);
    return { text: normaliseText(convertHtml(text, file.name)), warnings };
  },
};

function convertHtml(html: string, name: string): string {
  try {
    return htmlToMarkdown(html);
  } catch (error) {
    // The converter walks the elements recursively: nesting by the ten thousand ends its stack.
    if (error instanceof RangeError) {
      throw refuseDocument(
        name,
        "too_complex",
        "网页结构嵌套过深，无法读取；请把正文另存为 docx 或 txt 后上传",
        error,
      );
    }
    throw error;
  }
}
