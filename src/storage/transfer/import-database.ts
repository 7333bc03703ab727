import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { type Kysely, sql } from "kysely";
import type { z } from "zod";
import { AppError } from "../../errors.ts";
import type { FileStore } from "../../messaging/file-store.ts";
import { batchSize, takeTurns } from "../batches.ts";
import type { Tables } from "../tables.ts";
import {
  ArchiveReader,
  endLine,
  fileLine,
  headLine,
  missingLine,
  refused,
  sequencesLine,
  type TransferCounts,
  tableLine,
} from "./archive.ts";
import {
  columnsOfJson,
  readSchema,
  setUniformFormats,
  type TransferSchema,
  type TransferTable,
} from "./schema.ts";

export interface ImportOptions {
  /** Migrated and empty: nothing was ever stored in it. */
  readonly db: Kysely<Tables>;
  readonly files: Pick<FileStore, "save" | "remove">;
  /** Hears the name of each table as it begins, and how many rows it has; then of the files. Waited for. */
  readonly onProgress?: (part: string, count: number) => void | Promise<void>;
}

/** Characters of rows in one statement, roughly. */
const insertedAtOnce = 1_000_000;

/**
 * Reads an archive of `exportDatabase` into an empty database with the same schema: all of it or nothing, and files
 * only with it. No service may run on the database. Throws `admin.refused` where the database is not empty, the
 * archive is of another schema, cut off or altered, or its rows contradict each other.
 */
export async function importDatabase(
  options: ImportOptions,
  input: NodeJS.ReadableStream,
): Promise<TransferCounts> {
  const savedFiles: string[] = [];
  let counts: TransferCounts | undefined;
  try {
    await pipeline(input, createGunzip(), async (source: AsyncIterable<Uint8Array>) => {
      counts = await readArchive(options, new ArchiveReader(source), savedFiles);
    });
  } catch (error) {
    await options.files.remove(savedFiles);
    throw isDamagedGzip(error) ? refused("it is cut off or no export of this service") : error;
  }
  if (counts === undefined) throw refused("it is empty");
  return counts;
}

async function readArchive(
  { db, files, onProgress }: ImportOptions,
  archive: ArchiveReader,
  savedFiles: string[],
): Promise<TransferCounts> {
  return db.transaction().execute(async (tx) => {
    await setUniformFormats(tx);
    const schema = await readSchema(tx);
    await refuseUsed(tx, schema);
    const head = await archive.must(headLine);
    refuseOtherSchema(head.schema, schema, archive);
    const tables: Record<string, number> = {};
    for (const table of schema.tables) {
      await onProgress?.(table.name, head.tables[table.name] ?? 0);
      tables[table.name] = await importTable(tx, table, archive);
    }
    const { sequences } = await archive.must(sequencesLine);
    const saved = await importFiles(tx, archive, { files, savedFiles, onProgress });
    const counts = { tables, ...saved };
    const { end } = await archive.must(endLine);
    if (!sameCounts(end, counts) || !sameCounts({ ...end, tables: head.tables }, counts)) {
      archive.refuse("its counts are not those of its rows");
    }
    await archive.finish();
    await setSequences(tx, schema, sequences, archive);
    return counts;
  });
}

/** Holds the tables until the end: a service that starts meanwhile waits, and finds the imported rows. */
async function refuseUsed(tx: Kysely<Tables>, { tables }: TransferSchema): Promise<void> {
  const names = tables.map(({ name }) => sql.table(name));
  await sql`lock table ${sql.join(names)} in share row exclusive mode`.execute(tx);
  const used: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql`select from ${sql.table(name)} limit 1`.execute(tx);
    if (rows.length > 0) used.push(name);
  }
  if (used.length > 0) {
    throw new AppError(
      "admin.refused",
      `Nothing was imported. The database is not empty (${used.join(", ")}): stop the service and name a new ` +
        "DATA_DIR or an empty DATABASE_URL.",
      { details: { used } },
    );
  }
}

function refuseOtherSchema(
  exported: readonly string[],
  { migrations }: TransferSchema,
  archive: ArchiveReader,
): void {
  if (exported.join() !== migrations.join()) {
    archive.refuse(
      `it has the schema of ${exported.at(-1)}, and this release that of ${migrations.at(-1)}; import it with the ` +
        "release that exported it, then upgrade",
    );
  }
}

async function importTable(
  tx: Kysely<Tables>,
  table: TransferTable,
  archive: ArchiveReader,
): Promise<number> {
  const names = table.columns.map(({ name }) => name);
  const announced = await archive.must(tableLine);
  if (announced.table !== table.name || announced.columns.join() !== names.join()) {
    archive.refuse(`its table ${announced.table} is not the one of this release`);
  }
  let count = 0;
  for (;;) {
    const batch: string[] = [];
    let length = 0;
    while (batch.length < batchSize && length < insertedAtOnce) {
      const row = await archive.row();
      if (row === undefined) break;
      batch.push(row);
      length += row.length;
    }
    if (batch.length === 0) return count;
    count += batch.length;
    await insertRows(tx, table, batch);
    await takeTurns();
  }
}

async function insertRows(tx: Kysely<Tables>, table: TransferTable, rows: readonly string[]): Promise<void> {
  const columns = table.columns.map(({ name }) => sql.ref(name));
  try {
    await sql`
      insert into ${sql.table(table.name)} (${sql.join(columns)}) overriding system value
      select ${columnsOfJson(table)} from json_array_elements(${`[${rows.join()}]`}::json) with ordinality
        as rows (item, place) order by place`.execute(tx);
  } catch (error) {
    if (error instanceof AppError) throw error;
    // The database's own words may quote a value.
    const sqlState = (error as { code?: unknown }).code;
    throw refused(`rows of ${table.name} do not fit in (SQLSTATE ${sqlState})`, {
      table: table.name,
      sqlState,
    });
  }
}

async function importFiles(
  tx: Kysely<Tables>,
  archive: ArchiveReader,
  {
    files,
    savedFiles,
    onProgress,
  }: Pick<ImportOptions, "files"> & {
    savedFiles: string[];
    onProgress: ImportOptions["onProgress"] | undefined;
  },
): Promise<{ files: number; missing: number }> {
  let saved = 0;
  let missing = 0;
  await onProgress?.("files", 0);
  for (;;) {
    if ((await archive.maybe(missingLine)) !== undefined) {
      missing += 1;
      continue;
    }
    const announced = await archive.maybe(fileLine);
    if (announced === undefined) return { files: saved, missing };
    const owner = await tx
      .selectFrom("attachments")
      .select("hash")
      .where("id", "=", announced.file)
      .executeTakeFirst();
    if (owner === undefined) archive.refuse("it holds a file of no message");
    savedFiles.push(announced.file);
    const kept = await files.save(announced.file, bytesOf(archive), announced.size);
    if (kept.hash !== owner.hash || kept.size !== announced.size) {
      archive.refuse("a file in it is not the one that was received");
    }
    saved += 1;
  }
}

async function* bytesOf(archive: ArchiveReader): AsyncGenerator<Buffer> {
  for (let bytes = await archive.bytes(); bytes !== undefined; bytes = await archive.bytes()) yield bytes;
}

async function setSequences(
  tx: Kysely<Tables>,
  { tables }: TransferSchema,
  sequences: z.infer<typeof sequencesLine>["sequences"],
  archive: ArchiveReader,
): Promise<void> {
  for (const { name: table, columns } of tables) {
    for (const { name: column } of columns.filter(({ identity }) => identity)) {
      const found = sequences.find((sequence) => sequence.table === table && sequence.column === column);
      if (found === undefined) archive.refuse(`it does not say where the numbers of ${table} go on`);
      await sql`
        select setval(pg_get_serial_sequence(quote_ident(${table}), ${column}), ${found.last}::bigint,
          ${found.used}::boolean)`.execute(tx);
    }
  }
}

function sameCounts(one: TransferCounts, other: TransferCounts): boolean {
  const names = new Set([...Object.keys(one.tables), ...Object.keys(other.tables)]);
  return (
    one.files === other.files &&
    one.missing === other.missing &&
    [...names].every((name) => one.tables[name] === other.tables[name])
  );
}

/** Errors of zlib: no gzip, a wrong checksum, an end that came too early. */
function isDamagedGzip(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return code.startsWith("Z_");
}
