import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { PendingEvents } from "../../../src/messaging/conversation-events.ts";
import type { TurnHandler } from "../../../src/messaging/turn-handler.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { echo, joined, reply, TurnRig } from "./turn-rig.ts";

forEachDatabase((_name, open) => {
  const rig = new TurnRig(open);

  describe("turns", () => {
    it("of one conversation never overlap, and read what was said before", async () => {
      let running = 0;
      let most = 0;
      const histories: string[][] = [];
      const way = rig.road({
        handle: async ({ messages, history }) => {
          running += 1;
          most = Math.max(most, running);
          histories.push(history.map(({ text }) => text));
          await sleep(3);
          running -= 1;
          return reply(`答${joined(messages)}`);
        },
      });
      const id = await rig.conversation();
      for (const text of ["一", "二", "三"]) {
        await rig.write(way, id, text);
        await rig.answered(id);
      }
      expect(most).toBe(1);
      expect(await rig.texts(id)).toEqual(["一", "答一", "二", "答二", "三", "答三"]);
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
      const replicas = [rig.road(slow, { owner: "a" }), rig.road(slow, { owner: "b" })];
      const id = await rig.conversation();
      const writes = Array.from({ length: 30 }, (_, index) => `第${index}`);
      for (const [index, text] of writes.entries()) {
        await rig.write(replicas[index % 2] as (typeof replicas)[0], id, text);
      }
      await rig.answered(id);
      const replies = (await rig.texts(id)).filter((text) => text.startsWith("答："));
      expect(replies.flatMap((text) => text.slice(2).split("+"))).toEqual(writes);
      expect(most).toBe(1);
      expect(rig.record.count("leaseLost")).toBe(0);
    });

    it("messages that come within the burst are read as one, in order; later ones are not", async () => {
      const way = rig.road(echo, { burstMs: 500 });
      const [one, other] = [await rig.conversation(), await rig.conversation()];
      for (const text of ["老板", "不给", "工资"]) await rig.write(way, one, text);
      await rig.write(way, other, "在吗");
      await rig.answered(one, other);
      await rig.write(way, one, "怎么办");
      await rig.answered(one);
      expect(await rig.texts(one)).toEqual([
        "老板",
        "不给",
        "工资",
        "答：老板+不给+工资",
        "怎么办",
        "答：怎么办",
      ]);
      expect(await rig.texts(other)).toEqual(["在吗", "答：在吗"]);
    });

    it("a burst that does not end is answered in the end", async () => {
      const way = rig.road(echo, { burstMs: 40 });
      const id = await rig.conversation();
      for (let index = 0; index < 30; index += 1) {
        await rig.write(way, id, `${index}`);
        await sleep(15);
      }
      await rig.answered(id);
      const replies = (await rig.texts(id)).filter((text) => text.startsWith("答："));
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
      const way = rig.road(slow, { pollMs: 600_000 });
      const id = await rig.conversation();
      await rig.write(way, id, "一");
      await started.promise;
      // As another replica stores it: this one is not told.
      await rig.stores.conversations.receive(
        { channel: "web", conversationId: id, externalId: "2", text: "二" },
        0,
      );
      gate.resolve();
      await rig.answered(id);
      expect(await rig.texts(id)).toEqual(["一", "二", "答：一", "答：二"]);
    });

    it("run side by side up to the limit, and none starves", async () => {
      const started: string[] = [];
      const gate = Promise.withResolvers<void>();
      const way = rig.road(
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
        ids.push(await rig.conversation());
        await rig.write(way, ids.at(-1) as string, text);
      }
      await expect.poll(() => started.length).toBe(2);
      await sleep(30);
      expect(started).toHaveLength(2);
      gate.resolve();
      await rig.answered(...ids);
      expect(started.toSorted()).toEqual(["丁", "丙", "乙", "戊", "甲"].toSorted());
    });

    it("tell listeners of typing, previews and the stored reply, and drop late previews", async () => {
      const shown = Promise.withResolvers<void>();
      let late: (() => void) | undefined;
      const way = rig.road(
        {
          handle: async (_input, progress) => {
            progress.preview("可");
            late = () => progress.preview("晚了");
            await shown.promise;
            return reply("可以。");
          },
        },
        {},
        { start: false },
      );
      const id = await rig.conversation();
      const message = await rig.write(way, id, "问");
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
      const way = rig.road({
        handle: async (input, progress, signal) => {
          attempts += 1;
          if (attempts < 3) throw new Error("broken");
          return echo.handle(input, progress, signal);
        },
      });
      const id = await rig.conversation();
      await rig.write(way, id, "问");
      await rig.answered(id);
      expect(await rig.texts(id)).toEqual(["问", "答：问"]);
      expect(rig.record.count("turnFailed")).toBe(2);
    });

    it("every time is set aside with an apology; no text is logged; the next message is answered", async () => {
      const way = rig.road({
        handle: async (input, progress, signal) => {
          if (joined(input.messages).includes("身份证")) throw new Error("broken");
          return echo.handle(input, progress, signal);
        },
      });
      const id = await rig.conversation();
      const poison = await rig.write(way, id, "身份证丢了");
      await rig.answered(id);
      await rig.write(way, id, "工资呢");
      await rig.answered(id);
      const messages = await rig.stores.conversations.messagesAfter(id, 0, 200);
      expect(messages).toMatchObject([
        { text: "身份证丢了" },
        { sender: "system", text: "抱歉，请再发一次，或拨打12351。", replyTo: poison.id },
        { text: "工资呢" },
        { sender: "bot", text: "答：工资呢" },
      ]);
      expect(rig.record.count("setAside")).toBe(1);
      const aside = rig.database.db.selectFrom("messages").select("id").where("set_aside", "=", "failed");
      expect(await aside.execute()).toEqual([{ id: poison.id }]);
      expect(JSON.stringify(rig.record.logged)).not.toMatch(/身份证|工资|抱歉/);
    });

    it("by hanging and not hearing its signal is given up", async () => {
      const way = rig.road({ handle: () => new Promise(() => {}) }, { turnTimeoutMs: 5 });
      const id = await rig.conversation();
      await rig.write(way, id, "在吗");
      await rig.answered(id);
      expect(await rig.texts(id)).toEqual(["在吗", "抱歉，请再发一次，或拨打12351。"]);
    });

    it("by ending the process each time is not tried for ever", async () => {
      const way = rig.road(echo, {}, { start: false });
      const id = await rig.conversation();
      await rig.write(way, id, "毒");
      // Six processes died with it: each claimed it and never came back.
      for (let died = 0; died < 6; died += 1) {
        expect(await rig.stores.lanes.claim("turn", `dead ${died}`, 1, 0)).toHaveLength(1);
        await sleep(2);
      }
      way.turns.start();
      await rig.answered(id);
      expect(await rig.texts(id)).toEqual(["毒", "抱歉，请再发一次，或拨打12351。"]);
    });
  });
});
