import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { gunzipSync, gzipSync } from "node:zlib";
import { type Kysely, sql } from "kysely";
import { onTestFinished } from "vitest";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import type { Tables } from "../../../src/storage/tables.ts";
import type { TransferCounts } from "../../../src/storage/transfer/archive.ts";
import { exportDatabase } from "../../../src/storage/transfer/export-database.ts";
import { importDatabase } from "../../../src/storage/transfer/import-database.ts";

/** Text with everything that a line, JSON or SQL could trip over. */
const hardText = '老王说："工资\\没发"\n\t\'; drop table messages; --\r\u2028\u0001😀 {} [] null';

/** Files that `fillDatabase` notes, by the id of their attachment: the second is longer than one line of an archive. */
export const sampleFiles: Readonly<Record<string, Buffer>> = {
  photo: Buffer.from("the bytes of a photo"),
  scan: Buffer.from(Array.from({ length: 500_000 }, (_, at) => (at * 7 + (at >> 8)) % 256)),
};

const hashOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

/** Rows in every table, with the values that are hardest to carry. Numbers were given out that are gone again. */
export async function fillDatabase(db: Kysely<Tables>, files: FileStore): Promise<void> {
  const run = (text: string, ...values: unknown[]) =>
    sql`${sql.join(
      text
        .split("?")
        .flatMap((part, at) => (at === 0 ? [sql.raw(part)] : [sql`${values[at - 1]}`, sql.raw(part)])),
      sql``,
    )}`.execute(db);
  const json = JSON.stringify({
    text: hardText.replace("\u0001", ""),
    exact: "0",
    nested: [null, true, { a: [] }],
  });
  await run("insert into documents values ('law', 3), ('withdrawn', null)");
  await run(
    `insert into document_versions values ('law', 'h1', 'f1', 'library', ?, '劳动合同法', 'law', null, 'china',
      '[]', ?::jsonb, '2012-12-28', '2013', null, null, null, '["问？"]', ?, '[]', '[]', 2,
      '2026-03-01 08:00:00.123456+08')`,
    "knowledge/laws/劳动合同法(2012-12-28).md",
    json,
    hardText.repeat(2_000),
  );
  await run(
    "insert into chunks values ('c1', 'law', 'h1', 0, 0, '[\"第一章\"]', '第一条', null, ?), ('c2', 'law', 'h1', 1, 0, '[]', null, 7, '')",
    hardText,
  );
  await run(
    "insert into embeddings values ('static-1', 't1', ?), ('static-1', 't2', ''::bytea)",
    Buffer.from(Array.from({ length: 1_024 }, (_, at) => at % 256)),
  );
  await run(
    `insert into generations (embedder, document_count, chunk_count, created_at)
      select 'static-1', 1, 2, now() from generate_series(1, 5)`,
  );
  await run("delete from generations where id not in (2, 3)");
  await run("insert into generation_documents values (2, 'law', 'h1'), (3, 'law', 'h1')");
  await run("insert into active_generation values (1, 3, 2)");
  await run(
    `insert into generation_events (event, generation_id, against_id, reason, by_whom, report, at)
      values ('accepted', 3, 2, ?, 'laowang', ?::jsonb, '2026-03-01Z'), ('first', 1, null, null, null, null, 'infinity')`,
    hardText.replace("\u0001", ""),
    json,
  );
  await run("insert into former_chunks values ('c0', 'law')");

  await run(
    "insert into contacts values ('p1', '2026-02-28 23:59:59.999999Z'), ('p2', '0001-01-01 00:00:00Z')",
  );
  await run(
    `insert into conversations values
      ('k1', 'p1', 'telegram', '2026-03-01Z', 'private', 'door', '2026-03-01 00:00:01.5Z', null, 'blocked'),
      ('k2', 'p2', 'web', 'infinity', 'group', null, null, null, null)`,
  );
  await run("insert into visitors values ('token-hash', 'k2', '2026-03-01Z')");
  await run(
    "insert into addresses values ('telegram', 'key-hash', 'k1', 'plain:{}', '2026-03-01Z', '2026-03-02Z')",
  );
  await run(
    `insert into lanes values
      ('turn', 'k1', '2026-03-01Z', '2026-03-01Z', 'process-1', '2026-03-01Z', 7000000000000000001, 3),
      ('turn', 'k2', null, null, null, null, 0, 0), ('send:telegram', 'k1', null, null, null, null, 5, 0),
      ('channel', 'telegram', null, null, 'process-1', '2026-03-01Z', 12, 1),
      ('replica', 'process-1', null, null, 'process-1', '2026-03-01Z', 1, 1)`,
  );
  await run(
    `insert into messages (id, conversation_id, external_id, sender, text, created_at, answered_at, set_aside)
      select 'q' || n, 'k1', 'x' || n, 'contact', ? || n, '2026-03-01Z', '2026-03-01Z', null
      from generate_series(1, 450) as n`,
    hardText,
  );
  await run(
    `insert into messages (id, conversation_id, sender, text, answer, reply_to, rating, created_at, quick_replies)
      select 'a' || n, 'k1', 'bot', '', ?::jsonb, 'q' || n, 'down', '2026-03-01Z', '["好"]'
      from generate_series(1, 450) as n`,
    json,
  );
  await run("delete from messages where id in ('q450', 'a449')");
  await run("insert into hand_over_requests values ('r1', 'k1', 'q1', '[\"person_asked\"]', '2026-03-01Z')");
  await run(
    `insert into attachments values
      ('photo', 'q1', 'k1', 0, 'photo', 'stored', null, ?, 'image/jpeg', ?, ?, 'ref', null, 'OCR', '2026-03-01Z'),
      ('scan', null, 'k1', 0, 'file', 'stored', null, null, null, ?, ?, null, null, null, '2026-03-01Z'),
      ('gone', 'q2', 'k1', 0, 'file', 'stored', null, null, null, 5, 'no such file', null, null, null, '2026-03-01Z'),
      ('huge', 'q2', 'k1', 1, 'video', 'refused', 'too_large', null, null, 9007199254740993, null, null, null, null, '2026-03-01Z'),
      ('place', 'q3', 'k1', 0, 'location', 'stored', null, null, null, null, null, null, '{"latitude": 29.563010, "longitude": 1e2}', null, '2026-03-01Z')`,
    hardText,
    sampleFiles.photo?.length,
    hashOf(sampleFiles.photo ?? Buffer.alloc(0)),
    sampleFiles.scan?.length,
    hashOf(sampleFiles.scan ?? Buffer.alloc(0)),
  );
  await run(
    "insert into deliveries values ('a1', 'k1', 'telegram', 451, 'sent', null, 2, 1, 1, true, '[\"77\"]', now(), now())",
  );
  await run("insert into files_to_remove values ('old-photo', '2026-03-01Z')");
  await run(
    "insert into event_log (type, channel, details, at) values ('forgotten', 'web', ?::jsonb, now())",
    json,
  );
  await run("insert into doors values ('yubei-1', '渝北区', null, ?, '2026-03-01Z')", hardText);
  await run("insert into api_keys values ('key', '渝工娘家人', 'hash', '[]', '2026-03-01Z', null)");
  await run(
    "insert into webhook_endpoints values ('e1', 'https://a.cn', 'plain:s', '[]', '2026-03-01Z', null)",
  );
  await run(
    "insert into webhook_events (id, endpoint_id, type, body, created_at) values ('w1', 'e1', 'conversation.opened', ?::jsonb, now())",
    json,
  );
  for (const [id, bytes] of Object.entries(sampleFiles))
    await files.save(id, Readable.from([bytes]), bytes.length);
}

/** A folder for files that goes when the test ends. */
export async function openTemporaryFiles(): Promise<FileStore> {
  const folder = await mkdtemp(join(tmpdir(), "niangjia-transfer-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return createFolderFiles(folder);
}

export const exportedAt = new Date("2026-03-01T08:00:00.000Z");

/** An export as the bytes of its file. */
export async function exportToBytes(
  db: Kysely<Tables>,
  files: Pick<FileStore, "open">,
  onProgress: (part: string) => void | Promise<void> = () => {},
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  const output = new Writable({
    write: (piece: Buffer, _encoding, done) => {
      pieces.push(piece);
      done();
    },
  });
  await exportDatabase({ db, files, product: "0.1.0", now: exportedAt, onProgress }, output);
  return Buffer.concat(pieces);
}

export function importBytes(
  db: Kysely<Tables>,
  files: Pick<FileStore, "save" | "remove">,
  archive: Buffer,
): Promise<TransferCounts> {
  return importDatabase({ db, files }, Readable.from([archive]));
}

export const linesOf = (archive: Buffer) => gunzipSync(archive).toString("utf8").split("\n").slice(0, -1);

/** An archive of these lines; `sealed`: with the right sum at its end. */
export function archiveOf(lines: readonly string[], sealed = true): Buffer {
  const body = lines.slice(0, -1).map((line) => `${line}\n`);
  const sha256 = createHash("sha256").update(body.join("")).digest("hex");
  const last = sealed ? JSON.stringify({ sha256 }) : lines.at(-1);
  return gzipSync(`${body.join("")}${last}\n`);
}
