import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import type { PendingEvents } from "../../../src/messaging/conversation-events.ts";
import type { ConversationStore } from "../../../src/messaging/conversation-store.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { TurnHandler, TurnResult } from "../../../src/messaging/turn-handler.ts";
import type { Database } from "../../../src/storage/database.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";
import { buildRoad, type RoadRecord, recordRoad } from "../../support/road.ts";

const answer: GroundedAnswer = {
  state: "grounded",
  text: "可以。",
  citations: [],
  provenance: [],
  handOver: "none",
  facts: {},
  missing: [],
  calculation: null,
};
const reply = (text: string): TurnResult => ({ replies: [{ sender: "bot", text, answer }] });
const joined = (messages: readonly StoredMessage[]) => messages.map(({ text }) => text).join("+");
const echo: TurnHandler = { handle: async ({ messages }) => reply(`答：${joined(messages)}`) };

forEachDatabase((_name, open) => {
  let database: Database;
  let stores: ReturnType<typeof openStores>;
  let record: RoadRecord;
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    database = await open();
    stores = openStores(database);
    record = recordRoad();
    stops = [];
  });
  afterEach(() => Promise.all(stops.map((stop) => stop())));

  function road(handler: TurnHandler, options: Parameters<typeof buildRoad>[3] = {}, start = true) {
    const built = buildRoad(stores, handler, record, options);
    stops.push(() => built.turns.stop(1_000));
    if (start) built.turns.start();
    return built;
  }

  const conversation = async () => (await stores.conversations.open("web")).id;

  async function write({ inbox }: ReturnType<typeof road>, conversationId: string, text: string) {
    const inbound = { channel: "web", conversationId, externalId: text, text };
    return (await inbox.receive(inbound)).message;
  }

  const texts = async (id: string) =>
    (await stores.conversations.messagesAfter(id, 0, 200)).map(({ text }) => text);

  async function answered(...ids: string[]): Promise<void> {
    for (const id of ids) {
      await expect
        .poll(() => stores.conversations.pendingMessage(id), { timeout: 20_000, interval: 5 })
        .toBeUndefined();
    }
  }

  describe("turns", () => {
    it("of one conversation never overlap, and read what was said before", async () => {
      let running = 0;
      let most = 0;
      const histories: string[][] = [];
      const way = road({
        handle: async ({ messages, history }) => {
          running += 1;
          most = Math.max(most, running);
          histories.push(history.map(({ text }) => text));
          await sleep(3);
          running -= 1;
          return reply(`答${joined(messages)}`);
        },
      });
      const id = await conversation();
      for (const text of ["一", "二", "三"]) {
        await write(way, id, text);
        await answered(id);
      }
      expect(most).toBe(1);
      expect(await texts(id)).toEqual(["一", "答一", "二", "答二", "三", "答三"]);
      expect(histories).toEqual([[], ["一", "答一"], ["一", "答一", "二", "答二"]]);
    });

    it("of two replicas on one conversation never overlap either", async () => {
      let running = 0;
      let most = 0;
      const slow: TurnHandler = {
        handle: async (input, progress, signal) => {
          running += 1;
          most = Math.max(most, running);
          await sleep(2);
          running -= 1;
          return echo.handle(input, progress, signal);
        },
      };
      const replicas = [road(slow, { owner: "a" }), road(slow, { owner: "b" })];
      const id = await conversation();
      const writes = Array.from({ length: 30 }, (_, index) => `第${index}`);
      for (const [index, text] of writes.entries()) {
        await write(replicas[index % 2] as (typeof replicas)[0], id, text);
      }
      await answered(id);
      const replies = (await texts(id)).filter((text) => text.startsWith("答："));
      expect(replies.flatMap((text) => text.slice(2).split("+"))).toEqual(writes);
      expect(most).toBe(1);
      expect(record.count("leaseLost")).toBe(0);
    });

    it("messages that come within the burst are read as one, in order; later ones are not", async () => {
      const way = road(echo, { burstMs: 500 });
      const [one, other] = [await conversation(), await conversation()];
      for (const text of ["老板", "不给", "工资"]) await write(way, one, text);
      await write(way, other, "在吗");
      await answered(one, other);
      await write(way, one, "怎么办");
      await answered(one);
      expect(await texts(one)).toEqual([
        "老板",
        "不给",
        "工资",
        "答：老板+不给+工资",
        "怎么办",
        "答：怎么办",
      ]);
      expect(await texts(other)).toEqual(["在吗", "答：在吗"]);
    });

    it("a burst that does not end is answered in the end", async () => {
      const way = road(echo, { burstMs: 40 });
      const id = await conversation();
      for (let index = 0; index < 30; index += 1) {
        await write(way, id, `${index}`);
        await sleep(15);
      }
      await answered(id);
      const replies = (await texts(id)).filter((text) => text.startsWith("答："));
      expect(replies.length).toBeGreaterThan(1);
      expect(replies.flatMap((text) => text.slice(2).split("+"))).toHaveLength(30);
    });

    it("what comes during a turn is answered when it ends, although nobody looks for it", async () => {
      const gate = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const slow: TurnHandler = {
        handle: async (input, progress, signal) => {
          started.resolve();
          await gate.promise;
          return echo.handle(input, progress, signal);
        },
      };
      const way = road(slow, { pollMs: 600_000 });
      const id = await conversation();
      await write(way, id, "一");
      await started.promise;
      // As another replica stores it: this one is not told.
      await stores.conversations.receive(
        { channel: "web", conversationId: id, externalId: "2", text: "二" },
        0,
      );
      gate.resolve();
      await answered(id);
      expect(await texts(id)).toEqual(["一", "二", "答：一", "答：二"]);
    });

    it("run side by side up to the limit, and none starves", async () => {
      const started: string[] = [];
      const gate = Promise.withResolvers<void>();
      const way = road(
        {
          handle: async ({ messages }) => {
            started.push(joined(messages));
            await gate.promise;
            return reply("好");
          },
        },
        { concurrency: 2 },
      );
      const ids = [];
      for (const text of ["甲", "乙", "丙", "丁", "戊"]) {
        ids.push(await conversation());
        await write(way, ids.at(-1) as string, text);
      }
      await expect.poll(() => started.length).toBe(2);
      await sleep(30);
      expect(started).toHaveLength(2);
      gate.resolve();
      await answered(...ids);
      expect(started.toSorted()).toEqual(["丁", "丙", "乙", "戊", "甲"].toSorted());
    });

    it("tell listeners of typing, previews and the stored reply, and drop late previews", async () => {
      const shown = Promise.withResolvers<void>();
      let late: (() => void) | undefined;
      const way = road(
        {
          handle: async (_input, progress) => {
            progress.preview("可");
            late = () => progress.preview("晚了");
            await shown.promise;
            return reply("可以。");
          },
        },
        {},
        false,
      );
      const id = await conversation();
      const message = await write(way, id, "问");
      const listener = way.events.subscribe(id);
      const never = new AbortController().signal;
      way.turns.start();
      let seen: PendingEvents = {};
      while (seen.preview === undefined) seen = { ...seen, ...(await listener.next(5_000, never)) };
      expect(seen).toMatchObject({ typing: { replyTo: message.id }, preview: { text: "可" } });
      shown.resolve();
      expect(await listener.next(5_000, never)).toEqual({ message: true });
      late?.();
      expect(await listener.next(1, never)).toEqual({});
    });
  });

  describe("a turn that fails", () => {
    it("is tried again, and nothing is said of it when that works", async () => {
      let attempts = 0;
      const way = road({
        handle: async (input, progress, signal) => {
          attempts += 1;
          if (attempts < 3) throw new Error("broken");
          return echo.handle(input, progress, signal);
        },
      });
      const id = await conversation();
      await write(way, id, "问");
      await answered(id);
      expect(await texts(id)).toEqual(["问", "答：问"]);
      expect(record.count("turnFailed")).toBe(2);
    });

    it("every time is set aside with an apology; no text is logged; the next message is answered", async () => {
      const way = road({
        handle: async (input, progress, signal) => {
          if (joined(input.messages).includes("身份证")) throw new Error("broken");
          return echo.handle(input, progress, signal);
        },
      });
      const id = await conversation();
      const poison = await write(way, id, "身份证丢了");
      await answered(id);
      await write(way, id, "工资呢");
      await answered(id);
      const messages = await stores.conversations.messagesAfter(id, 0, 200);
      expect(messages).toMatchObject([
        { text: "身份证丢了" },
        { sender: "system", text: "抱歉，请再发一次，或拨打12351。", replyTo: poison.id },
        { text: "工资呢" },
        { sender: "bot", text: "答：工资呢" },
      ]);
      expect(record.count("setAside")).toBe(1);
      const aside = database.db.selectFrom("messages").select("id").where("set_aside", "=", "failed");
      expect(await aside.execute()).toEqual([{ id: poison.id }]);
      expect(JSON.stringify(record.logged)).not.toMatch(/身份证|工资|抱歉/);
    });

    it("by hanging and not hearing its signal is given up", async () => {
      const way = road({ handle: () => new Promise(() => {}) }, { turnTimeoutMs: 5 });
      const id = await conversation();
      await write(way, id, "在吗");
      await answered(id);
      expect(await texts(id)).toEqual(["在吗", "抱歉，请再发一次，或拨打12351。"]);
    });

    it("by ending the process each time is not tried for ever", async () => {
      const way = road(echo, {}, false);
      const id = await conversation();
      await write(way, id, "毒");
      // Six processes died with it: each claimed it and never came back.
      for (let died = 0; died < 6; died += 1) {
        expect(await stores.lanes.claim("turn", `dead ${died}`, 1, 0)).toHaveLength(1);
        await sleep(2);
      }
      way.turns.start();
      await answered(id);
      expect(await texts(id)).toEqual(["毒", "抱歉，请再发一次，或拨打12351。"]);
    });
  });

  describe("a process that stops", () => {
    it("lets turns at hand end, and claims no more", async () => {
      const way = road({
        handle: async (input, progress, signal) => {
          await sleep(20);
          return echo.handle(input, progress, signal);
        },
      });
      const id = await conversation();
      await write(way, id, "一");
      await expect.poll(() => stores.lanes.countDue("turn")).toBe(1);
      await sleep(10);
      await way.turns.stop(10_000);
      expect(await texts(id)).toEqual(["一", "答：一"]);
    });

    it("by force leaves its turns to the next one, and nothing of what it computed", async () => {
      const aborted: boolean[] = [];
      const started: string[] = [];
      const first = road({
        handle: (input, _progress, signal) => {
          started.push(joined(input.messages));
          signal.addEventListener("abort", () => aborted.push(true));
          return new Promise(() => {});
        },
      });
      const [a, b] = [await conversation(), await conversation()];
      await write(first, a, "一");
      await write(first, b, "二");
      await expect.poll(() => started.length).toBe(2);
      await first.turns.stop(5);
      expect(aborted).toEqual([true, true]);
      expect(await texts(a)).toEqual(["一"]);
      const second = road(echo, {}, false);
      await write(second, b, "三");
      second.turns.start();
      await answered(a, b);
      expect(await texts(a)).toEqual(["一", "答：一"]);
      expect(await texts(b)).toEqual(["二", "三", "答：二+三"]);
      expect(record.count("setAside")).toBe(0);
    });

    it("by being killed: its turns are done by another once the lease ran out, and its late result is dropped", async () => {
      const gate = Promise.withResolvers<void>();
      const frozen = road(
        {
          handle: async ({ messages }) => {
            await gate.promise;
            return reply(`迟：${joined(messages)}`);
          },
        },
        // The renewal comes every third of the lease: never, as in a process that stands still.
        { owner: "frozen", leaseMs: 30, pollMs: 60_000 },
      );
      const id = await conversation();
      stores.lanes.renew = async (claims) => [...claims];
      await write(frozen, id, "问");
      await expect.poll(async () => (await stores.lanes.held("turn")).length, { interval: 1 }).toBe(1);
      await sleep(60);
      const other = openStores(database);
      const second = buildRoad(other, echo, record, { owner: "second" });
      stops.push(() => second.turns.stop(1_000));
      second.turns.start();
      await answered(id);
      gate.resolve();
      await expect.poll(() => record.count("leaseLost")).toBe(1);
      expect(await texts(id)).toEqual(["问", "答：问"]);
    });

    it("and a database that fails at the end of turns lose nothing", async () => {
      const working = stores.conversations;
      let failures = 0;
      const failing = Object.assign(Object.create(working) as ConversationStore, {
        loadTurn: working.loadTurn.bind(working),
        receive: working.receive.bind(working),
        finishTurn: async (...args: Parameters<ConversationStore["finishTurn"]>) => {
          if (failures < 4) {
            failures += 1;
            throw new Error("connection lost");
          }
          return working.finishTurn(...args);
        },
      });
      stores = { ...stores, conversations: failing as typeof working };
      const way = road(echo);
      stores = { ...stores, conversations: working };
      const id = await conversation();
      await write(way, id, "一");
      await answered(id);
      expect(failures).toBe(4);
      expect(await texts(id)).toEqual(["一", "答：一"]);
    });
  });

  describe("too much at once", () => {
    it("a new contact who must wait is told so once; who was answered before is not", async () => {
      const gate = Promise.withResolvers<void>();
      const way = road(
        { handle: () => gate.promise.then(() => reply("好")) },
        { concurrency: 1, busyAfter: 2 },
      );
      const ids = await Promise.all(Array.from({ length: 6 }, conversation));
      for (const id of ids.slice(0, 5)) await write(way, id, "一");
      await expect.poll(() => way.turns.waiting, { timeout: 20_000 }).toBeGreaterThan(2);
      await write(way, ids[5] as string, "急");
      await write(way, ids[5] as string, "在吗");
      // It is said beside the storing: before the second message or after it.
      await expect
        .poll(async () => (await texts(ids[5] as string)).toSorted(), { timeout: 10_000 })
        .toEqual(["急", "在吗", "人多，请等等。"].toSorted());
      gate.resolve();
      await answered(...ids);
      expect((await texts(ids[5] as string)).at(-1)).toBe("好");
    });

    it("a thousand messages of one contact in a second: bounded, told once, others are not kept waiting", async () => {
      const way = road(echo, { perContactPerMinute: 50 });
      const address = (key: string) => ({ key, surface: "private" as const, data: {} });
      const flood = Array.from({ length: 1_000 }, (_, index) => ({
        type: "message" as const,
        address: address("1"),
        externalId: `${index}`,
        text: `第${index}`,
      }));
      const [, other] = await Promise.all([
        way.inbox.receiveEvents("telegram", flood),
        way.inbox.receiveEvents("telegram", [
          { type: "message", address: address("2"), externalId: "1", text: "在吗" },
        ]),
      ]);
      const otherId = other[0]?.conversationId ?? "";
      await answered(otherId);
      expect(await texts(otherId)).toEqual(["在吗", "答：在吗"]);
      const flooder = await stores.conversations.open("telegram", { address: address("1") });
      await answered(flooder.id);
      const said = await texts(flooder.id);
      expect(said.filter((text) => text.startsWith("第"))).toHaveLength(50);
      expect(said.filter((text) => text === "您发得太快了。")).toHaveLength(1);
      expect(record.seen.filter(([, , outcome]) => outcome === "flood")).toHaveLength(950);
    });

    it("a channel hears of each event what became of it, also of those that were not read", async () => {
      const way = road(echo, { perContactPerMinute: 1 });
      const event = (key: string, externalId: string) => ({
        type: "message" as const,
        address: { key, surface: "private" as const, data: {} },
        externalId,
        text: externalId,
      });
      const outcomes = await way.inbox.receiveEvents("telegram", [
        event("1", "1"),
        event("1", "2"),
        event("1", "3"),
        event("2", "1"),
      ]);
      expect(outcomes.map(({ outcome }) => outcome)).toEqual(["stored", "ignored", "ignored", "stored"]);
      expect(outcomes[3]?.conversationId).not.toBe(outcomes[0]?.conversationId);
    });
  });
});
