import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/errors.ts";
import type { OutboxStore } from "../../../src/messaging/delivery.ts";
import type { LaneStore } from "../../../src/messaging/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { OutboxRig } from "./outbox-rig.ts";

const away = () => new AppError("storage.unavailable", "The database is away.");

forEachDatabase((_name, open) => {
  const rig = new OutboxRig(open);

  /** The store of the ledger with one of its methods in the hands of the test. */
  function storeWith(changed: Partial<OutboxStore>): OutboxStore {
    return Object.assign(Object.create(rig.stores.outbox) as OutboxStore, {
      load: rig.stores.outbox.load.bind(rig.stores.outbox),
      begin: rig.stores.outbox.begin.bind(rig.stores.outbox),
      partSent: rig.stores.outbox.partSent.bind(rig.stores.outbox),
      putBack: rig.stores.outbox.putBack.bind(rig.stores.outbox),
      leftOpen: rig.stores.outbox.leftOpen.bind(rig.stores.outbox),
      end: rig.stores.outbox.end.bind(rig.stores.outbox),
      unreachable: rig.stores.outbox.unreachable.bind(rig.stores.outbox),
      ...changed,
    });
  }

  /** For how many milliseconds lanes were put off, each time. */
  function watchedLanes(): { lanes: LaneStore; rests: number[] } {
    const rests: number[] = [];
    const lanes = Object.create(rig.stores.lanes) as LaneStore;
    for (const name of ["claim", "renew", "arm"] as const)
      Object.assign(lanes, { [name]: rig.stores.lanes[name].bind(rig.stores.lanes) });
    lanes.release = (claim, how) => {
      if (how?.again !== undefined) rests.push(how.again);
      return rig.stores.lanes.release(claim, how);
    };
    return { lanes, rests };
  }

  describe("a platform that wants to be left alone for a while", () => {
    it("is, also where more is said meanwhile; then everything goes out in order", async () => {
      const id = await rig.contact("1");
      await rig.say(id, "一");
      rig.script = [{ state: "retry", reason: "429", afterMs: 60_000 }];
      const box = rig.outbox();
      await expect.poll(async () => (await rig.ledger())[0]?.reason).toBe("429");
      await rig.say(id, "二");
      box.wake();
      await sleep(60);
      expect(rig.texts()).toEqual([]);
      await rig.stores.lanes.arm("send:test", id, 0);
      box.wake();
      await rig.workedOff();
      expect(rig.texts()).toEqual(["一", "二"]);
    });

    it("for ever, or in no number at all, is asked again within a day", async () => {
      await rig.say(await rig.contact("1"), "一");
      const { lanes, rests } = watchedLanes();
      rig.script = [{ state: "retry", reason: "429", afterMs: Number.POSITIVE_INFINITY, scope: "channel" }];
      rig.outbox({ lanes });
      await expect.poll(() => rests).toEqual([24 * 3_600_000]);
      await rig.say(await rig.contact("2"), "一");
      rig.script = [{ state: "retry", reason: "429", afterMs: Number.NaN, scope: "channel" }];
      rig.outbox({ lanes, owner: "other" });
      await expect.poll(() => rests.length).toBe(2);
      expect(rests[1]).toBeLessThan(1_000);
    });
  });

  describe("the rest before the next try", () => {
    it("begins anew with every message, however often the lane was put off before", async () => {
      const texts = Array.from({ length: 8 }, (_, index) => `${index}`);
      await rig.say(await rig.contact("1"), ...texts);
      rig.script = texts.flatMap(() => [
        { state: "retry" as const, reason: "500" },
        { state: "sent" as const },
      ]);
      const { lanes, rests } = watchedLanes();
      rig.outbox({ lanes, retryMs: 4 });
      await rig.workedOff();
      expect(rig.texts()).toEqual(texts);
      expect(rests).toEqual(texts.map(() => 4));
    });

    it("is doubled while the same message is refused", async () => {
      await rig.say(await rig.contact("1"), "一");
      rig.script = Array.from({ length: 4 }, () => ({ state: "retry" as const, reason: "500" }));
      const { lanes, rests } = watchedLanes();
      rig.outbox({ lanes, retryMs: 2 });
      await rig.workedOff();
      expect(rests).toEqual([2, 4, 8, 16]);
    });
  });

  describe("a channel", () => {
    it("that does not hear that its time is over holds nobody up, neither contacts nor the stop", async () => {
      await rig.say(await rig.contact("1"), "一", "二");
      rig.script = ["deaf"];
      rig.outbox({ sendTimeoutMs: 20 });
      await rig.workedOff();
      expect(rig.sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([
        ["一", true],
        ["二", false],
      ]);
      await rig.say(await rig.contact("2"), "三");
      rig.script = ["deaf"];
      const box = rig.outbox({ owner: "stopped", sendTimeoutMs: 600_000 });
      await expect.poll(() => rig.script.length).toBe(0);
      await box.stop(0);
    });

    it("that cannot put a message into parts: it fails, and the next one goes on", async () => {
      await rig.say(await rig.contact("1"), "一", "二");
      const { platform } = rig;
      const partsOf: typeof platform.partsOf = (message) => {
        if (message.text === "一") throw new Error("broken");
        return platform.partsOf(message);
      };
      rig.outbox({ sender: { ...platform, partsOf } });
      await rig.workedOff();
      expect(await rig.ledger()).toMatchObject([
        { state: "failed", reason: "not_to_be_sent" },
        { state: "sent" },
      ]);
    });
  });

  describe("the ledger", () => {
    it("is written as soon as the database is back: what the platform took is not sent again", async () => {
      await rig.say(await rig.contact("1"), "一", "二");
      let failures = 0;
      const store = storeWith({
        partSent: async (...args) => {
          failures += 1;
          if (failures === 1) throw away();
          await rig.stores.outbox.partSent(...args);
          // Stored, and the connection broke before it was said.
          if (failures === 2) throw away();
        },
      });
      rig.outbox({ store });
      await rig.workedOff();
      expect(rig.texts()).toEqual(["一", "二"]);
      const rows = await rig.database.db.selectFrom("deliveries").select(["parts_sent", "platform_ids"]);
      expect(await rows.orderBy("seq").execute()).toEqual([
        { parts_sent: 1, platform_ids: ["0"] },
        { parts_sent: 1, platform_ids: ["1"] },
      ]);
    });

    it("of what was deleted in the last moment is passed over, and the rest goes out", async () => {
      const id = await rig.contact("1");
      const [first] = await rig.say(id, "一", "二");
      const store = storeWith({
        begin: async (claim, messageId) => {
          if (messageId === first?.id)
            await rig.database.db.deleteFrom("messages").where("id", "=", messageId).execute();
          return rig.stores.outbox.begin(claim, messageId);
        },
      });
      rig.outbox({ store });
      await rig.workedOff();
      expect(rig.texts()).toEqual(["二"]);
    });

    it("of a contact who is gone: a conversation that only waited for its receipt goes at once", async () => {
      const id = await rig.contact("1");
      const [claim] = await rig.stores.lanes.claim("turn", "a", 1, 60_000);
      if (claim === undefined) throw new Error("No turn is due.");
      const work = await rig.stores.conversations.loadTurn(claim, 9, 9);
      if (work === undefined) throw new Error("There is no work.");
      const receipt = { replies: [{ sender: "bot" as const, text: "已删除。" }], forget: true as const };
      await rig.stores.conversations.finishTurn(claim, work, receipt);
      rig.script = [{ state: "unreachable", reason: "blocked" }];
      rig.outbox();
      await expect.poll(() => rig.stores.conversations.find(id), { timeout: 5_000 }).toBeUndefined();
    });
  });
});
