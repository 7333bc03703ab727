import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "../../errors.ts";

/**
 * An archive is JSON, one value a line, in gzip:
 *
 * - the head;
 * - for every table a line `{table, columns}`, then its rows, each an array of texts and nulls;
 * - `{sequences}`: where the database goes on numbering;
 * - for every file of a contact `{file, size}`, then its bytes as base64 texts; `{missing}` for one that was gone;
 * - `{end}` with the counts, and `{sha256}` of every byte before it.
 */
export const archiveName = "niangjia-export";
export const archiveFormat = 1;

/** Bytes of a file in one line. */
export const fileChunk = 192 * 1024;

/** The longest line that is read, in bytes: the text of the largest document is far below it. */
const longestLine = 256 * 1024 * 1024;

export interface TransferCounts {
  readonly tables: Readonly<Record<string, number>>;
  readonly files: number;
  /** Files that the database names and the file store did not have. */
  readonly missing: number;
}

const counts = z.record(z.string(), z.number().int().min(0));
export const headLine = z.object({
  archive: z.literal(archiveName),
  format: z.literal(archiveFormat),
  product: z.string(),
  at: z.string(),
  schema: z.array(z.string()),
  tables: counts,
});
export const tableLine = z.object({ table: z.string(), columns: z.array(z.string()) });
export const sequencesLine = z.object({
  sequences: z.array(
    z.object({
      table: z.string(),
      column: z.string(),
      last: z.string().regex(/^\d{1,19}$/),
      used: z.boolean(),
    }),
  ),
});
export const fileLine = z.object({ file: z.string(), size: z.number().int().min(0) });
export const missingLine = z.object({ missing: z.string() });
export const endLine = z.object({
  end: z.object({ tables: counts, files: z.number().int(), missing: z.number().int() }),
});
const sumLine = z.object({ sha256: z.string() });

/** Writes values as lines and the sum at their end. */
export class ArchiveLines {
  readonly #sum = createHash("sha256");

  /** The line of a value; `json`: it is JSON text already. */
  line(value: { readonly json: string } | { readonly value: unknown }): string {
    const line = `${"json" in value ? value.json : JSON.stringify(value.value)}\n`;
    this.#sum.update(line);
    return line;
  }

  /** The last line. */
  sum(): string {
    return `${JSON.stringify({ sha256: this.#sum.digest("hex") })}\n`;
  }
}

/** Reads an archive line by line; everything that is wrong with it is `admin.refused`. */
export class ArchiveReader {
  readonly #lines: AsyncIterator<string>;
  readonly #sum = createHash("sha256");
  #next: string | undefined;
  #count = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#lines = linesOf(source);
  }

  /** The next line if it is a row, as JSON text. */
  async row(): Promise<string | undefined> {
    return (await this.#peek()).startsWith("[") ? this.#take() : undefined;
  }

  /** The next line if it holds bytes of a file. */
  async bytes(): Promise<Buffer | undefined> {
    if (!(await this.#peek()).startsWith('"')) return undefined;
    const text: unknown = this.#parse(await this.#take());
    return Buffer.from(String(text), "base64");
  }

  /** The next line if it has this shape. */
  async maybe<T>(shape: z.ZodType<T>): Promise<T | undefined> {
    const parsed = shape.safeParse(this.#parse(await this.#peek()));
    if (!parsed.success) return undefined;
    await this.#take();
    return parsed.data;
  }

  /** The next line, which must have this shape. */
  async must<T>(shape: z.ZodType<T>): Promise<T> {
    return (await this.maybe(shape)) ?? this.refuse("it holds something that does not belong there");
  }

  /** The sum must be right, and nothing may follow. */
  async finish(): Promise<void> {
    const expected = this.#sum.digest("hex");
    const { sha256 } = sumLine.safeParse(this.#parse(await this.#peek())).data ?? {};
    if (sha256 !== expected) this.refuse("its contents were altered");
    this.#next = undefined;
    const { done } = await this.#lines.next();
    if (!done) this.refuse("something follows its end");
  }

  refuse(reason: string): never {
    throw refused(`${reason} (line ${this.#count + 1})`);
  }

  async #peek(): Promise<string> {
    if (this.#next === undefined) {
      const { value, done } = await this.#lines.next();
      if (done) this.refuse("it is cut off");
      this.#next = value as string;
    }
    return this.#next;
  }

  async #take(): Promise<string> {
    const line = await this.#peek();
    this.#sum.update(`${line}\n`);
    this.#count += 1;
    this.#next = undefined;
    return line;
  }

  #parse(line: string): unknown {
    try {
      return JSON.parse(line);
    } catch {
      return this.refuse("it holds something that is not JSON");
    }
  }
}

/** Why a file was not imported. */
export function refused(reason: string, details: Record<string, unknown> = {}): AppError {
  return new AppError("admin.refused", `Nothing was imported. The file cannot be used: ${reason}.`, {
    details,
  });
}

async function* linesOf(source: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    let start = 0;
    for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, start)) {
      yield Buffer.concat([...parts, piece.subarray(start, end)]).toString("utf8");
      parts = [];
      length = 0;
      start = end + 1;
    }
    parts.push(piece.subarray(start));
    length += piece.length - start;
    if (length > longestLine) throw refused("one of its lines is too long");
  }
  if (length > 0) throw refused("it is cut off");
}
