/** The kinds of file that can be read. */
export const documentFormats = ["markdown", "text", "html", "docx", "pdf"] as const;
export type DocumentFormat = (typeof documentFormats)[number];

/** A file as it was brought: its name decides nothing that its content can decide. */
export interface SourceFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Where a page's text stands in the whole text: `text[start, end)`. `page` is 1-based. */
export interface PageRange {
  readonly start: number;
  readonly end: number;
  readonly page: number;
}

/** What one format's reader makes of a file. */
export interface FormatContent {
  /** Normalised text; headings are Markdown `#` lines. */
  readonly text: string;
  /** Only for formats that have pages: consecutive ranges over `text`, without the pages that have no text. */
  readonly pages?: readonly PageRange[];
  /** What an admin should know of the reading, one Chinese line each. */
  readonly warnings: readonly string[];
}

/** The text of a file, ready to be divided into sections. */
export interface ExtractedText extends FormatContent {
  readonly format: DocumentFormat;
}

/**
 * A reader of one format: every file `<format>-format.ts` exports one.
 *
 * @throws AppError `knowledge.document_refused` where the file cannot be read whole.
 */
export interface FormatReader {
  readonly format: DocumentFormat;
  read(file: SourceFile, signal?: AbortSignal): Promise<FormatContent>;
}
