import { sql } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import type { StoredVersion } from "../../../src/knowledge/knowledge-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlKnowledgeStore } from "../../../src/storage/knowledge-store.ts";
import { latestQuestions } from "../../../src/storage/latest-questions.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { sampleVersion } from "./sample-version.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let store: SqlKnowledgeStore;
  let minute: number;

  beforeEach(async () => {
    database = await open();
    store = new SqlKnowledgeStore({ db: database.db, now: () => new Date("2026-03-01T08:00:00.000Z") });
    minute = 0;
  });

  async function serve(...versions: StoredVersion[]): Promise<void> {
    await store.saveVersions(versions);
    const manifest = versions.map(({ document: { id, contentHash } }) => ({ documentId: id, contentHash }));
    const generation = await store.createGeneration("bag-1", manifest);
    const active = (await store.activeGeneration())?.id;
    await store.activateGeneration(generation, active, { event: "passed" });
  }

  async function converse(conversationId: string): Promise<void> {
    const { db } = database;
    const created_at = "2026-03-01T00:00:00.000Z";
    await db
      .insertInto("contacts")
      .values({ id: `contact-${conversationId}`, created_at })
      .execute();
    await db
      .insertInto("conversations")
      .values({ id: conversationId, contact_id: `contact-${conversationId}`, channel: "web", created_at })
      .execute();
  }

  /** One turn: what the contact wrote, and an answer that cites these chunks. */
  async function turn(
    conversationId: string,
    texts: readonly string[],
    chunkIds: readonly string[],
    state = "grounded",
  ): Promise<void> {
    const { db } = database;
    const at = new Date(Date.UTC(2026, 2, 1, 0, minute++)).toISOString();
    const ids = texts.map((_, i) => `${conversationId}-${minute}-${i}`);
    for (const [i, text] of texts.entries()) {
      await db
        .insertInto("messages")
        .values({
          id: ids[i] ?? "",
          conversation_id: conversationId,
          sender: "contact",
          text,
          created_at: at,
          answered_at: at,
        })
        .execute();
    }
    const citations = chunkIds.map((chunkId, i) => ({ index: i + 1, chunkId, document: "题" }));
    await sql`insert into messages (id, conversation_id, sender, text, answer, reply_to, created_at)
      values (${`${conversationId}-${minute}-answer`}, ${conversationId}, 'bot', '答',
        ${JSON.stringify({ state, citations })}::jsonb, ${ids.at(-1) ?? null}, ${at})`.execute(db);
  }

  describe("the answers that cite a document", () => {
    const a = { id: "a", title: "甲" };
    const b = { id: "b", title: "乙" };

    it("are counted by conversation over all versions, the latest first", async () => {
      await serve(sampleVersion("a", "h1"), sampleVersion("b", "h1"));
      for (const id of ["k1", "k2", "k3"]) await converse(id);
      await turn("k1", ["问"], ["a-h1-0", "a-h1-1"]);
      await turn("k1", ["问"], ["b-h1-0"]);
      await serve(sampleVersion("a", "h2"), sampleVersion("b", "h1"));
      await turn("k1", ["问"], ["b-h1-0", "a-h2-0"]);
      await turn("k2", ["问"], ["a-h2-1"]);
      await turn("k3", ["问"], []);
      expect(await store.citingAnswers([a, b, { id: "c", title: "丙" }], { named: 1 })).toEqual([
        {
          documentId: "a",
          title: "甲",
          answers: 3,
          conversations: 2,
          latest: [{ conversationId: "k2", answers: 1, last: "2026-03-01T00:03:00.000Z" }],
          first: "2026-03-01T00:00:00.000Z",
          last: "2026-03-01T00:03:00.000Z",
        },
        expect.objectContaining({ documentId: "b", answers: 2, conversations: 1 }),
      ]);
    });

    it("are found when the cited version was cleared away, and when the document is gone", async () => {
      await serve(sampleVersion("a", "h1"));
      await converse("k1");
      await turn("k1", ["问"], ["a-h1-1"]);
      for (const hash of ["h2", "h3", "h4"]) await serve(sampleVersion("a", hash));
      await serve(sampleVersion("b", "h1"));
      await serve(sampleVersion("b", "h2"));
      await store.withdraw(["a"]);
      await store.pruneGenerations(1);
      expect(await store.findChunk("a-h1-1")).toBeUndefined();
      expect(await store.citingAnswers([a], { named: 5 })).toMatchObject([
        { answers: 1, latest: [{ conversationId: "k1" }] },
      ]);
    });

    it("are those since a day, where one is given", async () => {
      await serve(sampleVersion("a", "h1"));
      await converse("k1");
      await turn("k1", ["问"], ["a-h1-0"]);
      minute = 24 * 60;
      await turn("k1", ["问"], ["a-h1-0"]);
      const since = async (day: string) =>
        (await store.citingAnswers([a], { named: 5, since: `${day}T00:00:00+08:00` }))[0]?.answers;
      expect(await since("2026-03-01")).toBe(2);
      expect(await since("2026-03-02")).toBe(1);
      expect(await since("2026-03-03")).toBeUndefined();
    });

    it("are read from an index, not by looking through all messages", async () => {
      await serve(sampleVersion("a", "h1"));
      const rows = await database.db.transaction().execute(async (tx) => {
        await sql`set local enable_seqscan = off`.execute(tx);
        const plan = await sql`explain select id from messages
          where jsonb_path_query_array(answer, '$.citations[*].chunkId') ?| array['a-h1-0']`.execute(tx);
        return plan.rows;
      });
      expect(JSON.stringify(rows)).toContain("messages_citing");
    });
  });

  describe("the latest questions of contacts", () => {
    it("are those with a grounded answer, newest first, each once, a burst as one", async () => {
      await converse("k1");
      await turn("k1", ["最早的"], ["c1"]);
      await turn("k1", ["没签合同"], ["c1"]);
      await turn("k1", ["你好"], [], "small_talk");
      await turn("k1", ["问天气"], [], "out_of_scope");
      await turn("k1", ["我被辞退了", "", "有补偿吗"], ["c2"]);
      await turn("k1", ["没有来源"], []);
      await turn("k1", ["没签合同"], ["c1"]);
      expect(await latestQuestions(database.db, 10)).toEqual(["没签合同", "我被辞退了\n有补偿吗", "最早的"]);
      expect(await latestQuestions(database.db, 1)).toEqual(["没签合同"]);
      expect(await latestQuestions(database.db, 0)).toEqual([]);
    });

    it("are none of a message that was taken back", async () => {
      await converse("k1");
      await turn("k1", [""], ["c1"]);
      expect(await latestQuestions(database.db, 10)).toEqual([]);
    });
  });
});
