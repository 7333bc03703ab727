/** Turns what is in a kept file into text: a voice, or a picture of a paper. */
export interface TextReader {
  /** For logs: `voice` or `picture`. */
  readonly name: string;
  /** Whether it can read a file of this type and size in bytes. */
  reads(mimeType: string, size: number): boolean;
  /** What it says; "" where it says nothing. Rejects where it could not be read just now. */
  read(file: { readonly bytes: Uint8Array; readonly mimeType: string }, signal: AbortSignal): Promise<string>;
}

/** Characters of a text that are kept. */
export const longestReadText = 4_000;
