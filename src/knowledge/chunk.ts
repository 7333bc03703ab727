/**
 * A stored piece of a document: what search returns and an answer quotes. A section is one chunk unless it is
 * too long to be read at once; then it is cut at paragraph or sentence ends.
 */
export interface Chunk {
  /** Unique over documents and versions. */
  readonly id: string;
  readonly documentId: string;
  readonly contentHash: string;
  readonly ordinal: number;
  readonly section: number;
  readonly path: readonly string[];
  readonly label?: string;
  readonly page?: number;
  readonly text: string;
}
