import { setTimeout as sleep } from "node:timers/promises";
import { beforeEach, describe, expect, it } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import { ConversationEvents } from "../../../src/messaging/conversation-events.ts";
import type { ConversationStore } from "../../../src/messaging/conversation-store.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { TurnHandler, TurnInput, TurnResult } from "../../../src/messaging/turn-handler.ts";
import { TurnQueue, type TurnQueueOptions } from "../../../src/messaging/turn-queue.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";

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
const echo: TurnHandler = { handle: async ({ message }) => reply(`答：${message.text}`) };

forEachDatabase((_name, open) => {
  let store: ConversationStore;
  let events: ConversationEvents;
  let logged: unknown[];
  let figures: { ended: string[]; failed: number };

  beforeEach(async () => {
    store = openStores(await open()).conversations;
    events = new ConversationEvents();
    logged = [];
    figures = { ended: [], failed: 0 };
  });

  function queueFor(handler: TurnHandler, options: Partial<TurnQueueOptions> = {}): TurnQueue {
    const log = (details: unknown, line: string) => void logged.push({ details, line });
    return new TurnQueue({
      conversations: store,
      handler,
      events,
      apology: "抱歉，请再发一次，或拨打12351。",
      logger: { info: log, error: log },
      observer: {
        turnEnded: ({ state }) => void figures.ended.push(state),
        turnFailed: () => {
          figures.failed += 1;
        },
      },
      now: () => performance.now(),
      retryDelayMs: 1,
      restMs: 1,
      ...options,
    });
  }

  async function conversation(): Promise<string> {
    return (await store.open("web")).id;
  }

  async function receive(conversationId: string, text: string): Promise<StoredMessage> {
    const externalId = text;
    return (await store.receive({ channel: "web", conversationId, externalId, text })).message;
  }

  async function texts(conversationId: string): Promise<string[]> {
    return (await store.messagesAfter(conversationId, 0, 200)).map(({ text }) => text);
  }

  /** Waits until the store has no message without a finished turn. */
  async function answered(): Promise<void> {
    while ((await store.unanswered(1)).length > 0) {
      await sleep(2);
    }
  }

  describe("TurnQueue", () => {
    it("answers a burst in order, one turn at a time, each with the replies before it", async () => {
      let running = 0;
      let most = 0;
      const histories: string[][] = [];
      const queue = queueFor({
        handle: async ({ message, history }) => {
          running += 1;
          most = Math.max(most, running);
          histories.push(history.map(({ text }) => text));
          await sleep(3);
          running -= 1;
          return reply(`答${message.text}`);
        },
      });
      const id = await conversation();
      const burst = [await receive(id, "一"), await receive(id, "二"), await receive(id, "三")];
      for (const message of burst) {
        queue.submit(message);
        queue.submit(message);
      }
      await answered();
      expect(most).toBe(1);
      expect(await texts(id)).toEqual(["一", "二", "三", "答一", "答二", "答三"]);
      expect(histories).toEqual([[], ["一", "答一"], ["一", "二", "答一", "答二"]]);
      await queue.stop(1_000);
      expect(figures.ended).toEqual(["grounded", "grounded", "grounded"]);
    });

    it("gives the handler the last twenty messages", async () => {
      const lengths: number[] = [];
      const queue = queueFor({
        handle: async ({ history }) => {
          lengths.push(history.length);
          return reply("好");
        },
      });
      const id = await conversation();
      for (let i = 0; i < 13; i++) {
        queue.submit(await receive(id, `第${i}`));
        await answered();
      }
      expect(lengths.slice(0, 3)).toEqual([0, 2, 4]);
      expect(lengths.at(-1)).toBe(20);
    });

    it("lets conversations run side by side up to its limit, and none starves", async () => {
      const started: string[] = [];
      const gate = Promise.withResolvers<void>();
      const queue = queueFor(
        {
          handle: async ({ message }) => {
            started.push(message.text);
            await gate.promise;
            return reply("好");
          },
        },
        { concurrency: 2 },
      );
      for (const text of ["甲", "乙", "丙"]) {
        queue.submit(await receive(await conversation(), text));
      }
      while (started.length < 2) {
        await sleep(1);
      }
      await sleep(5);
      expect(started).toEqual(["甲", "乙"]);
      gate.resolve();
      await answered();
      expect(started).toEqual(["甲", "乙", "丙"]);
    });

    it("tries a turn that throws once more, and says nothing of it when that works", async () => {
      let attempts = 0;
      const queue = queueFor({
        handle: async (input, progress, signal) => {
          attempts += 1;
          if (attempts === 1) {
            throw new Error("broken");
          }
          return echo.handle(input, progress, signal);
        },
      });
      const id = await conversation();
      queue.submit(await receive(id, "问"));
      await answered();
      expect(await texts(id)).toEqual(["问", "答：问"]);
      expect(figures.failed).toBe(1);
    });

    it("apologises after the second failure, logs no text, and goes on with the next message", async () => {
      const queue = queueFor({
        handle: async (input, progress, signal) => {
          if (input.message.text.includes("身份证")) {
            throw new Error("broken");
          }
          return echo.handle(input, progress, signal);
        },
      });
      const id = await conversation();
      queue.submit(await receive(id, "身份证丢了"));
      queue.submit(await receive(id, "工资呢"));
      await answered();
      const messages = await store.messagesAfter(id, 0, 200);
      expect(messages.slice(2)).toMatchObject([
        { sender: "system", text: "抱歉，请再发一次，或拨打12351。", replyTo: messages[0]?.id },
        { sender: "bot", text: "答：工资呢", replyTo: messages[1]?.id },
      ]);
      await queue.stop(1_000);
      expect(figures).toEqual({ ended: ["none", "grounded"], failed: 2 });
      expect(JSON.stringify(logged)).not.toMatch(/身份证|工资|抱歉/);
    });

    it("gives a handler that hangs and ignores its signal up", async () => {
      const queue = queueFor({ handle: () => new Promise(() => {}) }, { turnTimeoutMs: 5 });
      const id = await conversation();
      queue.submit(await receive(id, "在吗"));
      await answered();
      expect(await texts(id)).toEqual(["在吗", "抱歉，请再发一次，或拨打12351。"]);
    });

    it("answers after a restart what a stopped process left, in order", async () => {
      const hanging: TurnInput[] = [];
      const aborted: boolean[] = [];
      const first = queueFor({
        handle: (input, _progress, signal) => {
          hanging.push(input);
          signal.addEventListener("abort", () => aborted.push(true));
          return new Promise(() => {});
        },
      });
      const [a, b] = [await conversation(), await conversation()];
      for (const message of [await receive(a, "一"), await receive(a, "二"), await receive(b, "三")]) {
        first.submit(message);
      }
      while (hanging.length < 2) {
        await sleep(1);
      }
      await first.stop(5);
      expect(aborted).toEqual([true, true]);
      first.submit(await receive(b, "四"));
      expect(await store.unanswered(10)).toHaveLength(4);
      expect(figures).toEqual({ ended: [], failed: 0 });

      const second = queueFor(echo);
      expect(await second.recover()).toBe(4);
      await answered();
      expect(await texts(a)).toEqual(["一", "二", "答：一", "答：二"]);
      expect(await texts(b)).toEqual(["三", "四", "答：三", "答：四"]);
    });

    it("recovers more messages than it reads at once", async () => {
      const id = await conversation();
      for (let i = 0; i < 510; i++) {
        await receive(id, `第${i}`);
      }
      const queue = queueFor(echo);
      expect(await queue.recover()).toBe(510);
      await queue.stop(0);
    });

    it("answers an older message that is found at the start before a newer one that came in first", async () => {
      const id = await conversation();
      const [one, two, three] = [await receive(id, "一"), await receive(id, "二"), await receive(id, "三")];
      const queue = queueFor(echo);
      for (const message of [one, three, two]) {
        queue.submit(message);
      }
      await answered();
      expect((await texts(id)).slice(3)).toEqual(["答：一", "答：二", "答：三"]);
    });

    it("lets turns at hand end when it stops in time", async () => {
      const queue = queueFor({
        handle: async () => {
          await sleep(10);
          return reply("好");
        },
      });
      const id = await conversation();
      queue.submit(await receive(id, "一"));
      queue.submit(await receive(id, "二"));
      await queue.stop(10_000);
      expect(await store.unanswered(10)).toEqual([]);
    });

    it("keeps order and loses nothing while replies cannot be stored", async () => {
      const id = await conversation();
      const working = store;
      let failures = 0;
      store = Object.assign(Object.create(working) as ConversationStore, {
        history: working.history.bind(working),
        messagesAfter: working.messagesAfter.bind(working),
        finishTurn: async (messageId: string, result: TurnResult) => {
          if (failures < 7) {
            failures += 1;
            throw new Error("connection lost");
          }
          return working.finishTurn(messageId, result);
        },
      });
      const queue = queueFor(echo);
      store = working;
      queue.submit(await receive(id, "一"));
      queue.submit(await receive(id, "二"));
      await answered();
      expect(failures).toBe(7);
      expect((await texts(id)).slice(2)).toEqual(["答：一", "答：二"]);
    });

    it("tells listeners of typing, previews and the stored reply, and drops late previews", async () => {
      const id = await conversation();
      const message = await receive(id, "问");
      const listener = events.subscribe(id);
      const never = new AbortController().signal;
      const shown = Promise.withResolvers<void>();
      let late: (() => void) | undefined;
      const queue = queueFor({
        handle: async (_input, progress) => {
          progress.preview("可");
          late = () => progress.preview("晚了");
          await shown.promise;
          return reply("可以。");
        },
      });
      queue.submit(message);
      expect(queue.pendingMessage(id)).toBe(message.id);
      expect(await listener.next(5_000, never)).toHaveProperty("typing.replyTo", message.id);
      expect(await listener.next(5_000, never)).toHaveProperty("preview.text", "可");
      shown.resolve();
      expect(await listener.next(5_000, never)).toEqual({ message: true });
      late?.();
      expect(await listener.next(1, never)).toEqual({});
      await queue.stop(1_000);
      expect(queue.pendingMessage(id)).toBeUndefined();
    });
  });
});
