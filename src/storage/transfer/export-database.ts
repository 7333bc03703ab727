import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { type Kysely, sql } from "kysely";
import type { FileStore } from "../../messaging/file-store.ts";
import { takeTurns } from "../batches.ts";
import type { Tables } from "../tables.ts";
import { ArchiveLines, archiveFormat, archiveName, fileChunk, type TransferCounts } from "./archive.ts";
import {
  movedRows,
  readSchema,
  rowAsJson,
  rowOrder,
  setUniformFormats,
  type TransferSchema,
  type TransferTable,
} from "./schema.ts";

export interface ExportOptions {
  readonly db: Kysely<Tables>;
  readonly files: Pick<FileStore, "open">;
  /** Version of this release. */
  readonly product: string;
  readonly now: Date;
  /** Hears the name of each part as it begins, and of how many rows or files it is; waited for. */
  readonly onProgress?: (part: string, count: number) => void | Promise<void>;
}

/** Characters that are fetched from the database at a time, roughly. */
const fetchedAtOnce = 1_000_000;
const mostRows = 2_000;

/**
 * Writes everything of one moment into `output` as an archive: every table, then the files of contacts. On
 * PostgreSQL the service may go on meanwhile. The embedded database has one connection, which is held until all rows
 * are read: there, only with the service stopped.
 *
 * Leases and what only lives with a process are left out. Platform ids and secrets go as they are stored: sealed
 * where ENCRYPTION_KEY is set, and only readable with that key. Everything else is readable for whoever has the file.
 */
export async function exportDatabase(
  options: ExportOptions,
  output: NodeJS.WritableStream,
): Promise<TransferCounts> {
  const lines = new ArchiveLines();
  let counts: TransferCounts = { tables: {}, files: 0, missing: 0 };
  const content = async function* (): AsyncGenerator<string> {
    const tables: Record<string, number> = {};
    const kept: { id: string; size: number }[] = [];
    // One snapshot of all tables.
    const snapshot = await options.db.startTransaction().setIsolationLevel("repeatable read").execute();
    try {
      await setUniformFormats(snapshot);
      const schema = await readSchema(snapshot);
      yield lines.line({ value: await headOf(snapshot, schema, options) });
      for (const table of schema.tables) {
        yield lines.line({ value: { table: table.name, columns: table.columns.map(({ name }) => name) } });
        const count = await countOf(snapshot, table);
        await options.onProgress?.(table.name, count);
        for await (const rows of rowsOf(snapshot, table)) {
          for (const json of rows) yield lines.line({ json });
          tables[table.name] = (tables[table.name] ?? 0) + rows.length;
          await takeTurns();
        }
        tables[table.name] ??= 0;
      }
      yield lines.line({ value: { sequences: await sequencesOf(snapshot, schema) } });
      kept.push(...(await storedFiles(snapshot)));
    } finally {
      await snapshot.rollback().execute();
    }
    await options.onProgress?.("files", kept.length);
    let missing = 0;
    for (const { id, size } of kept) {
      const content = await options.files.open(id);
      if (content === undefined) {
        missing += 1;
        yield lines.line({ value: { missing: id } });
        continue;
      }
      yield lines.line({ value: { file: id, size } });
      for await (const chunk of chunksOf(content)) yield lines.line({ value: chunk.toString("base64") });
    }
    counts = { tables, files: kept.length - missing, missing };
    yield lines.line({ value: { end: counts } });
    yield lines.sum();
  };
  await pipeline(content, createGzip(), output);
  return counts;
}

async function headOf(
  tx: Kysely<Tables>,
  schema: TransferSchema,
  { product, now }: ExportOptions,
): Promise<Record<string, unknown>> {
  const tables: Record<string, number> = {};
  for (const table of schema.tables) tables[table.name] = await countOf(tx, table);
  return {
    archive: archiveName,
    format: archiveFormat,
    product,
    at: now.toISOString(),
    schema: schema.migrations,
    tables,
  };
}

async function countOf(tx: Kysely<Tables>, table: TransferTable): Promise<number> {
  const { rows } = await sql<{ count: string | number }>`
    select count(*) as count from ${sql.table(table.name)} where ${movedRows(table)}`.execute(tx);
  return Number(rows[0]?.count ?? 0);
}

/** Rows in batches of about the same size, whatever one row weighs. */
async function* rowsOf(tx: Kysely<Tables>, table: TransferTable): AsyncGenerator<string[]> {
  await sql`
    declare moved_rows no scroll cursor for
    select ${rowAsJson(table)} as line from ${sql.table(table.name)} where ${movedRows(table)} order by ${rowOrder(table)}`.execute(
    tx,
  );
  let count = 10;
  for (;;) {
    const { rows } = await sql<{ line: string }>`fetch ${sql.lit(count)} from moved_rows`.execute(tx);
    if (rows.length === 0) break;
    const lines = rows.map(({ line }) => line);
    yield lines;
    const length = lines.reduce((sum, line) => sum + line.length, 0);
    count = Math.min(mostRows, Math.max(1, Math.round((rows.length * fetchedAtOnce) / length)));
  }
  await sql`close moved_rows`.execute(tx);
}

/** Numbers that were given out once are not given out again, although their rows may be gone. */
async function sequencesOf(
  tx: Kysely<Tables>,
  { tables }: TransferSchema,
): Promise<{ table: string; column: string; last: string; used: boolean }[]> {
  const sequences = [];
  for (const { name: table, columns } of tables) {
    for (const { name: column } of columns.filter(({ identity }) => identity)) {
      const { rows: named } = await sql<{ name: string }>`
        select pg_get_serial_sequence(quote_ident(${table}), ${column}) as name`.execute(tx);
      const { rows } = await sql<{ last: string; used: boolean }>`
        select last_value::text as last, is_called as used from ${sql.raw(named[0]?.name ?? "")}`.execute(tx);
      for (const { last, used } of rows) sequences.push({ table, column, last, used });
    }
  }
  return sequences;
}

async function storedFiles(tx: Kysely<Tables>): Promise<{ id: string; size: number }[]> {
  // A location is stored without a file.
  const { rows } = await sql<{ id: string; size: string | number }>`
    select id, coalesce(size, 0) as size from attachments where state = 'stored' and hash is not null
    order by id collate "C"`.execute(tx);
  return rows.map(({ id, size }) => ({ id, size: Number(size) }));
}

/** The same bytes in the same pieces, however they come. */
async function* chunksOf(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of content) {
    parts.push(piece);
    length += piece.length;
    if (length < fileChunk) continue;
    const bytes = Buffer.concat(parts);
    const whole = length - (length % fileChunk);
    for (let start = 0; start < whole; start += fileChunk) yield bytes.subarray(start, start + fileChunk);
    parts = [bytes.subarray(whole)];
    length -= whole;
  }
  if (length > 0) yield Buffer.concat(parts);
}
