import type { AttachmentKind } from "../messaging/message.ts";

/** A kept file, as far as a reader must know it to say whether it can read it. */
export interface ReadableFile {
  readonly kind: AttachmentKind;
  readonly mimeType: string;
  /** Bytes. */
  readonly size: number;
}

/** Turns what is in a kept file into text: a voice, or a picture of a paper. */
export interface TextReader {
  /** For logs: `voice` or `picture`. */
  readonly name: string;
  /** Files that it reads at the same time; others wait. */
  readonly atOnce: number;
  reads(file: ReadableFile): boolean;
  /** What it says; "" where it says nothing. Rejects where it could not be read just now. */
  read(
    content: { readonly bytes: Uint8Array; readonly mimeType: string },
    signal: AbortSignal,
  ): Promise<string>;
}

/** Characters of a text that are kept. */
export const longestReadText = 4_000;
