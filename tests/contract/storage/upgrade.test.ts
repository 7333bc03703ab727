import { randomUUID } from "node:crypto";
import { sql } from "kysely";
import { Migrator } from "kysely/migration";
import { describe, expect, it, onTestFinished } from "vitest";
import { readConfig } from "../../../src/config.ts";
import type { TurnInput } from "../../../src/messaging/turn-handler.ts";
import { createRoad } from "../../../src/service/road.ts";
import type { Database } from "../../../src/storage/database.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { knowledgeMigration } from "../../../src/storage/migrations/0001-knowledge.ts";
import { conversationsMigration } from "../../../src/storage/migrations/0002-conversations.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { SqlVisitorStore } from "../../../src/storage/visitor-store.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { createMetrics } from "../../../src/telemetry/metrics.ts";
import {
  describePostgres,
  openTemporaryPglite,
  openTemporaryPostgres,
  type TemporaryDatabase,
} from "../../support/databases.ts";

/** Conversations as the release before the road left them: a table each, rows as values in its columns' order. */
const formerRows = [
  `contacts values
    ('p1', '2026-02-28 23:59:59.999Z'), ('p2', '2026-03-01 08:00:00Z'), ('p3', '2026-03-02 08:00:00Z'),
    ('p4', '2026-03-03 08:00:00Z')`,
  `conversations values
    ('answered', 'p1', 'web', '2026-02-28 23:59:59.999Z'), ('waiting', 'p2', 'web', '2026-03-01 08:00:00Z'),
    ('both', 'p3', 'web', '2026-03-02 08:00:00Z'), ('silent', 'p4', 'web', '2026-03-03 08:00:00Z')`,
  `visitors values
    ('hash-1', 'answered', '2026-03-01Z'), ('hash-1b', 'answered', '2026-03-02Z'), ('hash-2', 'waiting', '2026-03-01Z'),
    ('hash-3', 'both', '2026-03-02Z'), ('hash-4', 'silent', '2026-03-03Z')`,
  `messages (id, conversation_id, external_id, sender, text, answer, reply_to, rating, created_at, answered_at) values
    ('q1', 'answered', 'x1', 'contact', '没签合同怎么办', null, null, null, '2026-03-01 08:00:01Z', '2026-03-01 08:00:02Z'),
    ('a1', 'answered', null, 'bot', '可以要二倍工资。', '{"state":"grounded","text":"可以要二倍工资。","citations":[]}',
      'q1', 'down', '2026-03-01 08:00:02Z', null),
    ('q2', 'waiting', 'x1', 'contact', '老板不发工资', null, null, null, '2026-03-01 08:00:03Z', null),
    ('q3', 'both', 'y1', 'contact', '我要找真人', null, null, null, '2026-03-02 08:00:01Z', '2026-03-02 08:00:02Z'),
    ('a3', 'both', null, 'bot', '已经记下，请打12351。', null, 'q3', 'up', '2026-03-02 08:00:02Z', null),
    ('s3', 'both', null, 'system', '同事下班了。', null, null, null, '2026-03-02 08:00:03Z', null),
    ('q4', 'waiting', 'x2', 'contact', '三个月了', null, null, null, '2026-03-02 08:00:04Z', null),
    ('q5', 'both', 'y2', 'contact', '有人吗', null, null, null, '2026-03-02 08:00:05Z', null)`,
  `hand_over_requests values ('r1', 'both', 'q3', '["person_asked"]', '2026-03-02 08:00:02Z')`,
  "documents values ('law', 3), ('withdrawn', null)",
  "embeddings values ('static-1', 't1', ''::bytea)",
];

/** The schema of that release: steps that were released are never changed. */
async function migrateAsFormerRelease({ db }: Database): Promise<void> {
  const steps = { "0001-knowledge": knowledgeMigration, "0002-conversations": conversationsMigration };
  const { error } = await new Migrator({
    db,
    provider: { getMigrations: async () => steps },
  }).migrateToLatest();
  if (error !== undefined) throw error;
}

/** Every row of every table. */
async function everyRow({ db }: Database): Promise<Record<string, Record<string, unknown>[]>> {
  const tables = await db.introspection.getTables();
  const entries = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await sql<{ row: Record<string, unknown> }>`
        select to_jsonb(one) as row from ${sql.table(name)} as one order by to_jsonb(one)::text`.execute(db);
      return [name, rows.map(({ row }) => row)] as const;
    }),
  );
  return Object.fromEntries(entries);
}

/** The rows of these tables, without columns that were not there then. */
async function formerPart(
  database: Database,
  former: Awaited<ReturnType<typeof everyRow>>,
): Promise<Awaited<ReturnType<typeof everyRow>>> {
  const now = await everyRow(database);
  const parts = Object.entries(former).map(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {});
    const kept = (now[table] ?? []).map((row) =>
      Object.fromEntries(columns.map((column) => [column, row[column]])),
    );
    return [table, kept] as const;
  });
  return Object.fromEntries(parts);
}

/** The service's road with a turn that says what it was asked. */
function startRoad(database: Database) {
  const turns: TurnInput[] = [];
  const road = createRoad({
    config: readConfig({ BURST_MS: "0" }),
    database,
    sealer: createSealer(),
    handler: {
      handle: async (input) => {
        turns.push(input);
        return { replies: [{ sender: "bot", text: input.messages.map(({ text }) => text).join("，") }] };
      },
    },
    prepare: async ({ messages }) => messages,
    wording: { apology: () => "抱歉", busy: () => "人多", tooFast: () => "太快" },
    webhooks: () => false,
    logger: createLogger({ level: "silent" }),
    observer: createMetrics({ version: "0.0.0" }),
  });
  onTestFinished(() => road.stop(1_000));
  return { road, turns };
}

async function waitingIn({ db }: Database): Promise<number> {
  const waiting = db.selectFrom("messages").select("id").where("sender", "=", "contact");
  return (await waiting.where("answered_at", "is", null).execute()).length;
}

function upgradeTests(openTemporary: () => Promise<TemporaryDatabase>): void {
  async function formerDatabase(): Promise<Database> {
    const { database, remove } = await openTemporary();
    onTestFinished(remove);
    await migrateAsFormerRelease(database);
    for (const rows of formerRows) await sql.raw(`insert into ${rows}`).execute(database.db);
    return database;
  }

  it("the step to the road changes nothing that was there", async () => {
    const database = await formerDatabase();
    const before = await everyRow(database);
    expect(before.messages).toHaveLength(8);
    expect(await migrateDatabase(database.db)).toEqual(["0003-road", "0004-rehearsals"]);
    expect(await formerPart(database, before)).toEqual(before);
  });

  it("what waited is answered after the start, once and in order, and nothing else", async () => {
    const database = await formerDatabase();
    await migrateDatabase(database.db);
    const former = await everyRow(database);
    const { road, turns } = startRoad(database);
    await road.start();
    await expect.poll(() => waitingIn(database), { timeout: 20_000, interval: 20 }).toBe(0);
    expect(
      turns
        .map(({ conversation, messages }) => [conversation.id, messages.map(({ id }) => id)] as const)
        .toSorted(),
    ).toEqual([
      ["both", ["q5"]],
      ["waiting", ["q2", "q4"]],
    ]);
    const both = turns.find(({ conversation }) => conversation.id === "both");
    expect(both?.conversation).toMatchObject({ handOverRequested: true, surface: "private" });
    expect(both?.history.map(({ id }) => id)).toEqual(["q3", "a3", "s3"]);

    const texts = async (id: string) =>
      (await road.conversations.messagesAfter(id, 0, 100)).map(({ text }) => text);
    expect(await texts("waiting")).toEqual(["老板不发工资", "三个月了", "老板不发工资，三个月了"]);
    expect(await texts("both")).toEqual([
      "我要找真人",
      "已经记下，请打12351。",
      "同事下班了。",
      "有人吗",
      "有人吗",
    ]);
    expect(await texts("answered")).toEqual(["没签合同怎么办", "可以要二倍工资。"]);
    expect(await texts("silent")).toEqual([]);
    const now = await everyRow(database);
    expect(now.messages).toEqual(
      expect.arrayContaining(
        (former.messages ?? []).filter(({ id }) => !["q2", "q4", "q5"].includes(`${id}`)),
      ),
    );
    for (const table of ["contacts", "conversations", "visitors", "hand_over_requests"])
      expect(now[table]).toEqual(former[table]);
  });

  it("a visitor of then goes on in the same conversation", async () => {
    const database = await formerDatabase();
    await migrateDatabase(database.db);
    const { road, turns } = startRoad(database);
    const visitors = new SqlVisitorStore({ db: database.db, now: () => new Date() });
    expect(await visitors.conversationOf("hash-1b")).toBe("answered");
    expect(await visitors.conversationOf("hash-4")).toBe("silent");
    const [reply] = (await road.conversations.messagesAfter("answered", 0, 100)).slice(-1);
    expect(reply).toMatchObject({ rating: "down", replyTo: "q1", answer: { state: "grounded" } });
    await road.start();
    const again = { channel: "web", conversationId: "answered", text: "没签合同怎么办" };
    expect(await road.inbox.receive({ ...again, externalId: "x1" })).toMatchObject({ duplicate: true });
    await road.inbox.receive({ ...again, externalId: randomUUID(), text: "那社保呢" });
    await expect
      .poll(() => turns.map(({ conversation }) => conversation.id), { timeout: 20_000 })
      .toContain("answered");
    const asked = turns.filter(({ conversation }) => conversation.id === "answered");
    expect(asked.flatMap(({ messages }) => messages.map(({ text }) => text))).toEqual(["那社保呢"]);
  });
}

describe("on PGlite", () => upgradeTests(openTemporaryPglite));
describePostgres("on PostgreSQL", () => upgradeTests(openTemporaryPostgres));
