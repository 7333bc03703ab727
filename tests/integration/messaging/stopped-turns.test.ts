import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { ConversationStore } from "../../../src/messaging/conversation-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";
import { echo, joined, reply, TurnRig } from "./turn-rig.ts";

forEachDatabase((_name, open) => {
  const rig = new TurnRig(open);

  describe("a process that stops", () => {
    it("lets turns at hand end, and claims no more", async () => {
      const way = rig.road({
        handle: async (input, progress, signal) => {
          await sleep(20);
          return echo.handle(input, progress, signal);
        },
      });
      const id = await rig.conversation();
      await rig.write(way, id, "一");
      await expect.poll(() => rig.stores.lanes.countDue("turn")).toBe(1);
      await sleep(10);
      await way.turns.stop(10_000);
      expect(await rig.texts(id)).toEqual(["一", "答：一"]);
    });

    it("by force leaves its turns to the next one, and nothing of what it computed", async () => {
      const aborted: boolean[] = [];
      const started: string[] = [];
      const first = rig.road({
        handle: (input, _progress, signal) => {
          started.push(joined(input.messages));
          signal.addEventListener("abort", () => aborted.push(true));
          return new Promise(() => {});
        },
      });
      const [a, b] = [await rig.conversation(), await rig.conversation()];
      await rig.write(first, a, "一");
      await rig.write(first, b, "二");
      await expect.poll(() => started.length).toBe(2);
      await first.turns.stop(5);
      expect(aborted).toEqual([true, true]);
      expect(await rig.texts(a)).toEqual(["一"]);
      const second = rig.road(echo, {}, { start: false });
      await rig.write(second, b, "三");
      second.turns.start();
      await rig.answered(a, b);
      expect(await rig.texts(a)).toEqual(["一", "答：一"]);
      expect(await rig.texts(b)).toEqual(["二", "三", "答：二+三"]);
      expect(rig.record.count("setAside")).toBe(0);
    });

    it("by being killed: its turns are done by another once the lease ran out, and its late result is dropped", async () => {
      const gate = Promise.withResolvers<void>();
      const started = Promise.withResolvers<void>();
      const frozen = rig.road(
        {
          handle: async ({ messages }) => {
            started.resolve();
            await gate.promise;
            return reply(`迟：${joined(messages)}`);
          },
        },
        // The renewal comes every third of the lease: never, as in a process that stands still.
        { owner: "frozen", leaseMs: 30, pollMs: 60_000 },
      );
      const id = await rig.conversation();
      rig.stores.lanes.renew = async (claims) => [...claims];
      await rig.write(frozen, id, "问");
      await started.promise;
      await sleep(60);
      rig.road(echo, { owner: "second" }, { stores: openStores(rig.database) });
      await rig.answered(id);
      gate.resolve();
      await expect.poll(() => rig.record.count("leaseLost")).toBe(1);
      expect(await rig.texts(id)).toEqual(["问", "答：问"]);
    });

    it("and a database that fails at the end of turns lose nothing", async () => {
      const working = rig.stores.conversations;
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
      const stores = { ...rig.stores, conversations: failing as typeof working };
      const way = rig.road(echo, {}, { stores });
      const id = await rig.conversation();
      await rig.write(way, id, "一");
      await rig.answered(id);
      expect(failures).toBe(4);
      expect(await rig.texts(id)).toEqual(["一", "答：一"]);
    });
  });
});
