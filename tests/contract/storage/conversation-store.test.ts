import { sql } from "kysely";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { TurnResult } from "../../../src/messaging/turn-handler.ts";
import { conversationChanged, SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { describePostgres, forEachDatabase, openTemporaryPostgres } from "../../support/databases.ts";

const answer: GroundedAnswer = {
  state: "grounded",
  text: "可以要求二倍工资。",
  citations: [
    { index: 1, chunkId: "c1", document: "d1", section: "第八十二条", source: "劳动合同法", quote: "二倍" },
  ],
  provenance: [{ claim: "二倍", origin: "passage", reference: "1" }],
  handOver: "none",
  facts: { months: 3 },
  missing: [],
  calculation: null,
};

const turn: TurnResult = { replies: [{ sender: "bot", text: answer.text, answer }] };

forEachDatabase((_name, open) => {
  let database: Database;
  let store: SqlConversationStore;
  let conversationId: string;

  beforeEach(async () => {
    database = await open();
    let ids = 0;
    store = new SqlConversationStore({
      db: database.db,
      newId: () => `id-${++ids}`,
      now: () => new Date("2026-03-01T08:00:00.000Z"),
    });
    conversationId = (await store.open("web")).id;
  });

  async function say(text: string, externalId = text, conversation = conversationId): Promise<StoredMessage> {
    const { message } = await store.receive({
      channel: "web",
      externalId,
      conversationId: conversation,
      text,
    });
    return message;
  }

  const texts = (messages: readonly StoredMessage[]) => messages.map((message) => message.text);

  describe("opening", () => {
    it("an opened conversation is found with its own contact", async () => {
      const other = await store.open("telegram");
      expect(await store.find(other.id)).toEqual(other);
      expect(other).toMatchObject({ channel: "telegram" });
      expect(other.contactId).not.toBe((await store.find(conversationId))?.contactId);
    });

    it("an unknown conversation is not found", async () => {
      expect(await store.find("none")).toBeUndefined();
    });
  });

  describe("receiving", () => {
    it("a stored message carries what was said, by whom and when", async () => {
      const message = await say("老板拖工资");
      expect(message).toEqual({
        id: expect.any(String),
        conversationId,
        seq: expect.any(Number),
        sender: "contact",
        text: "老板拖工资",
        createdAt: "2026-03-01T08:00:00.000Z",
      });
    });

    it("a message delivered twice is stored once and the first is returned", async () => {
      const first = await say("你好", "ext-1");
      const second = await store.receive({
        channel: "web",
        externalId: "ext-1",
        conversationId,
        text: "别的",
      });
      expect(second).toEqual({ message: first, duplicate: true });
      expect(await store.messagesAfter(conversationId, 0, 10)).toEqual([first]);
    });

    it("the same external id in another conversation is another message", async () => {
      await say("甲", "ext-1");
      const other = await store.open("web");
      const received = await store.receive({
        channel: "web",
        externalId: "ext-1",
        conversationId: other.id,
        text: "乙",
      });
      expect(received.duplicate).toBe(false);
    });

    it("one message delivered ten times at once is stored once", async () => {
      const inbound = { channel: "web", externalId: "ext-1", conversationId, text: "在吗" };
      const received = await Promise.all(Array.from({ length: 10 }, () => store.receive(inbound)));
      expect(received.filter((one) => !one.duplicate)).toHaveLength(1);
      expect(new Set(received.map((one) => one.message.id)).size).toBe(1);
    });

    it("a message to an unknown conversation is refused", async () => {
      const inbound = { channel: "web", externalId: "x", conversationId: "none", text: "?" };
      await expect(store.receive(inbound)).rejects.toMatchObject({ code: "channel.unknown_visitor" });
    });

    it("binary and broken text is kept as far as it can be stored", async () => {
      await say("甲\u0000乙\ud83d", "ext\u0000");
      expect(texts(await store.messagesAfter(conversationId, 0, 10))).toEqual(["甲\uFFFD乙\uFFFD"]);
    });

    it("a message of 100 000 characters and an empty one are stored whole", async () => {
      const long = "工".repeat(100_000);
      await say(long, "long");
      await say("", "empty");
      expect(texts(await store.messagesAfter(conversationId, 0, 10))).toEqual([long, ""]);
    });
  });

  describe("reading", () => {
    it("history is the last messages before one, oldest first", async () => {
      for (const text of ["一", "二", "三"]) {
        await say(text);
      }
      const last = await say("四");
      expect(texts(await store.history(conversationId, last.seq, 2))).toEqual(["二", "三"]);
      expect(texts(await store.history(conversationId, last.seq, 10))).toEqual(["一", "二", "三"]);
    });

    it("a cursor reads on where it stopped, oldest first", async () => {
      const first = await say("一");
      await say("二");
      await say("三");
      expect(texts(await store.messagesAfter(conversationId, first.seq, 1))).toEqual(["二"]);
      expect(texts(await store.messagesAfter(conversationId, first.seq, 10))).toEqual(["二", "三"]);
    });

    it("messages of one conversation never show in another", async () => {
      const other = await store.open("web");
      const mine = await say("我的");
      const theirs = await say("别人的", "x", other.id);
      expect(await store.messagesAfter(conversationId, 0, 10)).toEqual([mine]);
      expect(await store.history(other.id, theirs.seq, 10)).toEqual([]);
    });

    it("messages that wait for an answer are listed over all conversations, oldest first", async () => {
      const other = await store.open("web");
      const done = await say("一");
      await say("二", "x", other.id);
      await say("三");
      await say("四");
      await store.finishTurn(done.id, turn);
      expect(texts(await store.unanswered(2))).toEqual(["二", "三"]);
    });
  });

  describe("ending a turn", () => {
    it("replies are stored in order, after the message, with the whole answer", async () => {
      const message = await say("没签合同");
      const replies = await store.finishTurn(message.id, {
        replies: [
          turn.replies[0] as (typeof turn.replies)[0],
          { sender: "system", text: "二" },
          { sender: "bot", text: "三" },
        ],
      });
      expect(texts(replies)).toEqual([answer.text, "二", "三"]);
      expect(replies[0]).toEqual({
        id: expect.any(String),
        conversationId,
        seq: expect.any(Number),
        sender: "bot",
        text: answer.text,
        answer,
        replyTo: message.id,
        createdAt: "2026-03-01T08:00:00.000Z",
      });
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toEqual(replies);
      expect(await store.unanswered(10)).toEqual([]);
    });

    it("a turn that has ended stores nothing more and returns what stands", async () => {
      const message = await say("没签合同");
      const first = await store.finishTurn(message.id, turn);
      const second = await store.finishTurn(message.id, {
        replies: [{ sender: "bot", text: "别的" }],
        handOver: { reasons: ["x"] },
      });
      expect(second).toEqual(first);
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toEqual(first);
      expect(await handOvers()).toEqual([]);
    });

    it("two processes that end the same turn at once store one of the results", async () => {
      for (let round = 0; round < 10; round++) {
        const message = await say(`问题 ${round}`);
        const results = await Promise.all(
          ["甲", "乙"].map((text) =>
            store.finishTurn(message.id, {
              replies: [{ sender: "bot", text }],
              handOver: { reasons: [text] },
            }),
          ),
        );
        expect(results[0]).toEqual(results[1]);
        expect(results[0]).toHaveLength(1);
      }
      expect(await handOvers()).toHaveLength(10);
    });

    it("a request for a person is stored with its turn", async () => {
      const message = await say("我要找人");
      await store.finishTurn(message.id, { ...turn, handOver: { reasons: ["asked", "crisis"] } });
      expect(await handOvers()).toEqual([
        { conversation_id: conversationId, message_id: message.id, reasons: ["asked", "crisis"] },
      ]);
    });

    it("a turn without replies ends too", async () => {
      const message = await say("谢谢");
      expect(await store.finishTurn(message.id, { replies: [] })).toEqual([]);
      expect(await store.unanswered(10)).toEqual([]);
    });

    it("a turn that cannot be stored whole is not stored at all", async () => {
      const message = await say("没签合同");
      const broken = { replies: [turn.replies[0], { sender: "nobody", text: "?" }] } as unknown as TurnResult;
      await expect(store.finishTurn(message.id, broken)).rejects.toThrow();
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toEqual([]);
      expect(await store.unanswered(10)).toEqual([message]);
      expect(await store.finishTurn(message.id, turn)).toHaveLength(1);
    });

    it("ending the turn of an unknown message or of a reply stores nothing", async () => {
      const message = await say("没签合同");
      const [reply] = await store.finishTurn(message.id, turn);
      expect(await store.finishTurn("none", turn)).toEqual([]);
      expect(await store.finishTurn(reply?.id ?? "", turn)).toEqual([]);
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toEqual([reply]);
    });

    it("a reader with a cursor misses no message while others are being written", async () => {
      const questions = await Promise.all(Array.from({ length: 20 }, (_, index) => say(`问 ${index}`)));
      const seen: StoredMessage[] = [];
      let writing = true;
      const writes = Promise.all([
        ...questions.map((question) => store.finishTurn(question.id, turn)),
        ...Array.from({ length: 20 }, (_, index) => say(`再问 ${index}`)),
      ]).finally(() => {
        writing = false;
      });
      while (writing) {
        seen.push(...(await store.messagesAfter(conversationId, seen.at(-1)?.seq ?? 0, 100)));
      }
      await writes;
      seen.push(...(await store.messagesAfter(conversationId, seen.at(-1)?.seq ?? 0, 100)));
      expect(seen).toEqual(await store.messagesAfter(conversationId, 0, 100));
      expect(seen).toHaveLength(60);
    });

    async function handOvers() {
      return database.db
        .selectFrom("hand_over_requests")
        .select(["conversation_id", "message_id", "reasons"])
        .orderBy("id")
        .execute();
    }
  });

  describe("rating", () => {
    it("a reply takes a rating and a second one replaces it", async () => {
      const message = await say("没签合同");
      const [reply] = await store.finishTurn(message.id, turn);
      expect(await store.rate(conversationId, reply?.id ?? "", "up")).toBe(true);
      expect(await store.rate(conversationId, reply?.id ?? "", "down")).toBe(true);
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toMatchObject([{ rating: "down" }]);
    });

    it("only a reply of this conversation can be rated", async () => {
      const message = await say("没签合同");
      const [reply] = await store.finishTurn(message.id, turn);
      const other = await store.open("web");
      expect(await store.rate(other.id, reply?.id ?? "", "up")).toBe(false);
      expect(await store.rate(conversationId, message.id, "up")).toBe(false);
      expect(await store.rate(conversationId, "none", "up")).toBe(false);
    });
  });

  describe("notifications", () => {
    it("every stored message and every ended turn wakes the listeners; a duplicate does not", async () => {
      const heard: string[] = [];
      const stop = await database.listen(conversationChanged, (payload) => heard.push(payload));
      const message = await say("一", "ext-1");
      await say("一", "ext-1");
      await store.finishTurn(message.id, turn);
      await store.finishTurn(message.id, turn);
      await say("二", "ext-2");
      await expect.poll(() => heard).toEqual([conversationId, conversationId, conversationId]);
      await stop();
    });
  });
});

describePostgres("two replicas that write to one conversation", () => {
  it("take turns, so that no message becomes visible after a later one", async () => {
    const temporary = await openTemporaryPostgres();
    onTestFinished(() => temporary.remove());
    const { db } = temporary.database;
    await migrateDatabase(db);
    let ids = 0;
    const store = new SqlConversationStore({ db, newId: () => `id-${++ids}`, now: () => new Date(0) });
    const { id } = await store.open("web");
    const waiting = sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    const order: string[] = [];
    const received = await db.transaction().execute(async (tx) => {
      // Stands for the other replica in the middle of its write.
      await tx.selectFrom("conversations").select("id").where("id", "=", id).forNoKeyUpdate().execute();
      const inbound = { channel: "web", externalId: "1", conversationId: id, text: "问" };
      const receiving = store.receive(inbound).then(() => order.push("received"));
      await expect.poll(async () => (await waiting.execute(db)).rows).toEqual([{ count: 1 }]);
      order.push("committed");
      return { receiving };
    });
    await received.receiving;
    expect(order).toEqual(["committed", "received"]);
  });
});
