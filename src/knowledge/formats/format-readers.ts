import type { DocumentFormat, FormatReader } from "./document-format.ts";

/** Loads a format's reader when its first file comes: the PDF and Word libraries cost memory that chat never needs. */
export const formatReaders: Readonly<Record<DocumentFormat, () => Promise<FormatReader>>> = {
  markdown: async () => (await import("./markdown-format.ts")).markdownFormat,
  text: async () => (await import("./text-format.ts")).textFormat,
  html: async () => (await import("./html-format.ts")).htmlFormat,
  docx: async () => (await import("./docx-format.ts")).docxFormat,
  pdf: async () => (await import("./pdf-format.ts")).pdfFormat,
};
