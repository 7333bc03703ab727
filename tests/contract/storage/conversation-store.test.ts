import { beforeEach, describe, expect, it } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { TurnResult } from "../../../src/messaging/turn-handler.ts";
import { SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { conversationChanged } from "../../../src/storage/turn-queries.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";

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
  let lanes: SqlLaneStore;
  let conversationId: string;

  beforeEach(async () => {
    database = await open();
    let ids = 0;
    store = new SqlConversationStore({
      db: database.db,
      newId: () => `id-${++ids}`,
      now: () => new Date("2026-03-01T08:00:00.000Z"),
      sealer: createSealer(),
    });
    lanes = new SqlLaneStore(database);
    conversationId = (await store.open("web")).id;
  });

  async function say(text: string, externalId = text, conversation = conversationId): Promise<StoredMessage> {
    const inbound = { channel: "web", externalId, conversationId: conversation, text };
    return (await store.receive(inbound, 0)).message;
  }

  /** The lane of the one conversation that waits. */
  async function claim(owner = "a", leaseMs = 60_000): Promise<LaneClaim> {
    const [claimed] = await lanes.claim("turn", owner, 1, leaseMs);
    if (claimed === undefined) throw new Error("No turn is due.");
    return claimed;
  }

  /** One whole turn over everything that waits in the conversation. */
  async function finish(result: TurnResult, claimed?: LaneClaim): Promise<StoredMessage[]> {
    const held = claimed ?? (await claim());
    const work = await store.loadTurn(held, 50, 50);
    const finished = work === undefined ? undefined : await store.finishTurn(held, work, result);
    if (finished === undefined) throw new Error("The claim was lost.");
    return [...finished.replies];
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
      const again = { channel: "web", externalId: "ext-1", conversationId, text: "别的" };
      const second = await store.receive(again, 0);
      expect(second).toEqual({ message: first, duplicate: true });
      expect(await store.messagesAfter(conversationId, 0, 10)).toEqual([first]);
    });

    it("the same external id in another conversation is another message", async () => {
      await say("甲", "ext-1");
      const other = await store.open("web");
      const inbound = { channel: "web", externalId: "ext-1", conversationId: other.id, text: "乙" };
      const received = await store.receive(inbound, 0);
      expect(received.duplicate).toBe(false);
    });

    it("one message delivered ten times at once is stored once", async () => {
      const inbound = { channel: "web", externalId: "ext-1", conversationId, text: "在吗" };
      const received = await Promise.all(Array.from({ length: 10 }, () => store.receive(inbound, 0)));
      expect(received.filter((one) => !one.duplicate)).toHaveLength(1);
      expect(new Set(received.map((one) => one.message.id)).size).toBe(1);
    });

    it("a message to an unknown conversation is refused", async () => {
      const inbound = { channel: "web", externalId: "x", conversationId: "none", text: "?" };
      await expect(store.receive(inbound, 0)).rejects.toMatchObject({ code: "channel.unknown_visitor" });
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
      expect(await store.messagesAfter(other.id, 0, 10)).toEqual([theirs]);
    });
  });

  describe("a turn's work", () => {
    it("is everything that waits, oldest first, and what was said before", async () => {
      await say("一");
      await finish(turn);
      await say("二");
      await say("三");
      const work = await store.loadTurn(await claim(), 50, 50);
      expect(work?.conversation).toEqual(await store.find(conversationId));
      expect(texts(work?.messages ?? [])).toEqual(["二", "三"]);
      expect(texts(work?.history ?? [])).toEqual(["一", answer.text]);
      expect(work?.more).toBe(false);
    });

    it("is bounded, and what is beyond makes the next turn due", async () => {
      for (const text of ["一", "二", "三"]) await say(text);
      const held = await claim();
      const work = await store.loadTurn(held, 2, 1);
      expect(work).toMatchObject({ messages: [{ text: "一" }, { text: "二" }], more: true, history: [] });
      await store.finishTurn(held, work as NonNullable<typeof work>, turn);
      expect(texts((await store.loadTurn(await claim(), 2, 1))?.messages ?? [])).toEqual(["三"]);
    });

    it("that ends in being forgotten leaves what was beyond to the next turn", async () => {
      for (const text of ["删除我的信息", "还在吗", "在吗"]) await say(text);
      const held = await claim();
      const work = await store.loadTurn(held, 2, 1);
      const receipt = { replies: [{ sender: "bot" as const, text: "已删除。" }], forget: true as const };
      await store.finishTurn(held, work as NonNullable<typeof work>, receipt);
      expect(texts((await store.loadTurn(await claim(), 2, 1))?.messages ?? [])).toEqual(["在吗"]);
    });

    it("is nothing where the conversation does not exist", async () => {
      const unknown = { kind: "turn", key: "none", owner: "a", token: 1, attempts: 1 } as const;
      expect(await store.loadTurn(unknown, 1, 1)).toBeUndefined();
    });

    it("of a burst that goes on while a turn runs is due when the burst ends", async () => {
      await say("一");
      const held = await claim();
      const work = await store.loadTurn(held, 50, 50);
      await store.receive({ channel: "web", conversationId, externalId: "2", text: "二" }, 60_000);
      const finished = await store.finishTurn(held, work as NonNullable<typeof work>, turn);
      expect(finished?.dueIn).toBeGreaterThan(30_000);
      expect(finished?.dueIn).toBeLessThanOrEqual(60_000);
    });

    it("waits for the end of a burst, but not for ever", async () => {
      const inbound = { channel: "web", conversationId, text: "?" };
      await store.receive({ ...inbound, externalId: "1" }, 60_000);
      expect(await lanes.claim("turn", "a", 1, 1_000)).toEqual([]);
      expect(await lanes.nextDueIn("turn")).toBeGreaterThan(50_000);
      // The last message of the burst wants no further waiting.
      await store.receive({ ...inbound, externalId: "2" }, 0);
      expect((await claim()).key).toBe(conversationId);
    });

    it("a message that comes while a turn runs gets a turn of its own", async () => {
      await say("一");
      const held = await claim();
      const work = await store.loadTurn(held, 50, 50);
      await say("二");
      expect(await lanes.claim("turn", "b", 1, 1_000)).toEqual([]);
      const finished = await store.finishTurn(held, work as NonNullable<typeof work>, turn);
      expect(finished).toMatchObject({ dueIn: 0 });
      expect(texts((await store.loadTurn(await claim(), 50, 50))?.messages ?? [])).toEqual(["二"]);
    });
  });

  describe("ending a turn", () => {
    it("replies are stored in order, after the message, with the whole answer", async () => {
      const message = await say("没签合同");
      const replies = await finish({
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
      expect(await store.pendingMessage(conversationId)).toBeUndefined();
    });

    it("a claim ends one turn, and nothing more is stored under it", async () => {
      const message = await say("没签合同");
      const held = await claim();
      const work = await store.loadTurn(held, 50, 50);
      const first = await store.finishTurn(held, work as NonNullable<typeof work>, turn);
      const other = { replies: [{ sender: "bot" as const, text: "别的" }], handOver: { reasons: ["x"] } };
      expect(await store.finishTurn(held, work as NonNullable<typeof work>, other)).toBeUndefined();
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toEqual(first?.replies);
      expect(await handOvers()).toEqual([]);
    });

    it("a turn whose lane was taken over is dropped whole", async () => {
      await say("没签合同");
      const late = await claim("a", 1);
      const work = await store.loadTurn(late, 50, 50);
      await new Promise((resolve) => setTimeout(resolve, 5));
      const held = await claim("b");
      expect(await store.finishTurn(late, work as NonNullable<typeof work>, turn)).toBeUndefined();
      expect(await store.pendingMessage(conversationId)).toBe(work?.messages[0]?.id);
      expect(await finish(turn, held)).toHaveLength(1);
    });

    it("a request for a person is stored with its turn", async () => {
      const message = await say("我要找人");
      await finish({ ...turn, handOver: { reasons: ["asked", "crisis"] } });
      expect(await store.find(conversationId)).toMatchObject({ handOverRequested: true });
      expect(await handOvers()).toEqual([
        { conversation_id: conversationId, message_id: message.id, reasons: ["asked", "crisis"] },
      ]);
    });

    it("a turn without replies ends too, and nothing more is due", async () => {
      await say("谢谢");
      const held = await claim();
      const work = await store.loadTurn(held, 50, 50);
      expect(await store.finishTurn(held, work as NonNullable<typeof work>, { replies: [] })).toEqual({
        replies: [],
      });
      expect(await store.pendingMessage(conversationId)).toBeUndefined();
    });

    it("a turn that cannot be stored whole is not stored at all", async () => {
      const message = await say("没签合同");
      const broken = { replies: [turn.replies[0], { sender: "nobody", text: "?" }] } as unknown as TurnResult;
      const held = await claim();
      await expect(finish(broken, held)).rejects.toThrow();
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toEqual([]);
      expect(await store.pendingMessage(conversationId)).toBe(message.id);
      expect(await finish(turn, held)).toHaveLength(1);
    });

    it("the notice is given once, and what was set aside is marked", async () => {
      await say("一");
      await finish({ ...turn, noticeGiven: true, setAside: "failed" });
      expect(await store.find(conversationId)).toMatchObject({ noticeGiven: true });
      const rows = await database.db.selectFrom("messages").select("set_aside").orderBy("seq").execute();
      expect(rows).toEqual([{ set_aside: "failed" }, { set_aside: null }]);
    });

    it("a reader with a cursor misses no message while others are being written", async () => {
      const seen: StoredMessage[] = [];
      let writing = true;
      const turns = async () => {
        for (let done = 0; done < 20; ) {
          const [held] = await lanes.claim("turn", "a", 1, 60_000);
          if (held === undefined) continue;
          const work = await store.loadTurn(held, 1, 1);
          if (work === undefined || (await store.finishTurn(held, work, turn)) === undefined) continue;
          done += work.messages.length;
        }
      };
      const writes = Promise.all([
        turns(),
        ...Array.from({ length: 20 }, (_, index) => say(`问 ${index}`)),
      ]).finally(() => {
        writing = false;
      });
      while (writing) {
        seen.push(...(await store.messagesAfter(conversationId, seen.at(-1)?.seq ?? 0, 100)));
      }
      await writes;
      seen.push(...(await store.messagesAfter(conversationId, seen.at(-1)?.seq ?? 0, 100)));
      expect(seen).toEqual(await store.messagesAfter(conversationId, 0, 100));
      expect(seen).toHaveLength(40);
    });

    async function handOvers() {
      return database.db
        .selectFrom("hand_over_requests")
        .select(["conversation_id", "message_id", "reasons"])
        .orderBy("id")
        .execute();
    }
  });

  describe("being busy", () => {
    it("is said once, and only to who has heard nothing yet", async () => {
      const busy = { sender: "system" as const, text: "人多" };
      await say("一");
      expect(await store.tellBusy(conversationId, busy)).toBe(true);
      expect(await store.tellBusy(conversationId, busy)).toBe(false);
      const other = await store.open("web");
      await say("一", "1", other.id);
      await store.post(other.id, [{ sender: "bot", text: "您好" }]);
      expect(await store.tellBusy(other.id, busy)).toBe(false);
    });
  });

  describe("the ledger", () => {
    it("counts how long a message waits by the database's clock, whatever the clock of the process says", async () => {
      const { outbox } = openStores(database);
      const address = { key: "1", surface: "private" as const, data: {} };
      const { id } = await store.open("telegram", { address });
      await store.post(id, [{ sender: "bot", text: "好。" }]);
      const [held] = await lanes.claim("send:telegram", "a", 1, 60_000);
      const age = (await outbox.load(held as LaneClaim, 9))?.deliveries[0]?.age;
      expect(age).toBeGreaterThanOrEqual(0);
      expect(age).toBeLessThan(60_000);
    });
  });

  describe("the ledger of who fetches", () => {
    it("what the contact has is sent, what came later is not", async () => {
      await say("一");
      const [first] = await finish(turn);
      await say("二");
      await finish(turn);
      await store.acknowledge(conversationId, first?.seq ?? 0);
      const states = await database.db.selectFrom("deliveries").select("state").orderBy("seq").execute();
      expect(states).toEqual([{ state: "sent" }, { state: "queued" }]);
    });
  });

  describe("rating", () => {
    it("a reply takes a rating and a second one replaces it", async () => {
      const message = await say("没签合同");
      const [reply] = await finish(turn);
      expect(await store.rate(conversationId, reply?.id ?? "", "up")).toBe(true);
      expect(await store.rate(conversationId, reply?.id ?? "", "down")).toBe(true);
      expect(await store.messagesAfter(conversationId, message.seq, 10)).toMatchObject([{ rating: "down" }]);
    });

    it("only a reply of this conversation can be rated", async () => {
      const message = await say("没签合同");
      const [reply] = await finish(turn);
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
      await say("一", "ext-1");
      await say("一", "ext-1");
      await finish(turn);
      await say("二", "ext-2");
      await expect.poll(() => heard).toEqual([conversationId, conversationId, conversationId]);
      await stop();
    });
  });
});
