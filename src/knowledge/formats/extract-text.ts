import { detectFormat } from "./detect-format.ts";
import type { DocumentFormat, ExtractedText, FormatContent, SourceFile } from "./document-format.ts";
import { extractInWorker } from "./extract-in-worker.ts";
import { formatReaders } from "./format-readers.ts";
import { limits } from "./limits.ts";
import { refuseDocument } from "./refuse-document.ts";

/**
 * The normalised text of a file with its headings marked, or a refusal: nothing in between. A text that could be
 * read only in part names the missing parts in `warnings`.
 *
 * @throws AppError `knowledge.document_refused` with `details: { name, reason }`, or the reason of `signal`.
 */
export async function extractText(file: SourceFile, signal?: AbortSignal): Promise<ExtractedText> {
  signal?.throwIfAborted();
  if (file.bytes.length === 0) {
    throw refuseDocument(file.name, "empty", "文件是空的（0 字节），请检查后重新上传");
  }
  if (file.bytes.length > limits.fileBytes) {
    throw refuseDocument(file.name, "file_too_large", "文件超过 50 MB，请拆分或压缩图片后上传");
  }
  const { format, warnings } = detectFormat(file);
  const content = await read(file, format, signal);
  if (content.text === "") {
    throw refuseDocument(file.name, "no_text", "文件里没有文字，请检查内容（图片中的文字无法读取）");
  }
  if (content.text.length > limits.textLength) {
    throw refuseDocument(file.name, "text_too_long", "文字超过 500 万字，请拆分成多个文件后上传");
  }
  return { ...content, format, warnings: [...warnings, ...content.warnings] };
}

async function read(file: SourceFile, format: DocumentFormat, signal?: AbortSignal): Promise<FormatContent> {
  const plain = format === "markdown" || format === "text";
  if (!plain || file.bytes.length > limits.inProcessBytes) return extractInWorker(file, format, signal);
  const reader = await formatReaders[format]();
  return reader.read(file, signal);
}
