import type { Readable } from "node:stream";

export interface KeptFile {
  /** SHA-256 of the bytes in hex. */
  readonly hash: string;
  /** Bytes. */
  readonly size: number;
}

/** Files of contacts, by the id of their attachment. Implemented in `storage/`: a folder or an S3 bucket. */
export interface FileStore {
  /**
   * Keeps the bytes under this id, whole or not at all; the same id again replaces them. Throws
   * `files.too_large` beyond `mostBytes`, having read no more than that.
   */
  save(id: string, content: AsyncIterable<Uint8Array>, mostBytes: number): Promise<KeptFile>;
  /** Undefined where there is no such file. */
  open(id: string): Promise<Readable | undefined>;
  /** Files that do not exist are no error. */
  remove(ids: readonly string[]): Promise<void>;
}
