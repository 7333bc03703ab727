/** What one file may cost. A document of policy stays far below all of them; a hostile file meets them early. */
export const limits = {
  /** Bytes of the file itself. */
  fileBytes: 50 * 1024 * 1024,
  /** UTF-16 units of the extracted text. */
  textLength: 5_000_000,
  /** Bytes of all entries of a docx archive together, inflated. */
  archiveBytes: 200 * 1024 * 1024,
  archiveEntries: 2_000,
  /** Inflated bytes per packed byte of an archive, looked at once it has inflated to `ratioFromBytes`. */
  archiveRatio: 200,
  ratioFromBytes: 10 * 1024 * 1024,
  /** JavaScript heap of the reading thread. */
  workerHeapMb: 512,
  /** Memory of the reading thread outside its heap (buffers), in bytes. */
  workerBufferBytes: 600 * 1024 * 1024,
  /** Longest time for one file, in milliseconds. */
  workerMs: 60_000,
  /** Text files above this size are read in the thread too, so that a chat never waits for them. */
  inProcessBytes: 1024 * 1024,
} as const;
