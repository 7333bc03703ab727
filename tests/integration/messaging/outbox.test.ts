import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { OutboxRig } from "./outbox-rig.ts";

forEachDatabase((_name, open) => {
  const rig = new OutboxRig(open);

  describe("delivery", () => {
    it("keeps the order of each contact, whatever happens to others, and records what the platform said", async () => {
      const [one, two] = [await rig.contact("1"), await rig.contact("2")];
      await rig.say(one, "一", "二", "三");
      await rig.say(two, "甲", "乙");
      rig.script = [
        { state: "retry", reason: "busy" },
        { state: "retry", reason: "busy" },
      ];
      rig.outbox();
      await rig.workedOff();
      expect(rig.sent.filter(({ to }) => to === "1").map(({ text }) => text)).toEqual(["一", "二", "三"]);
      expect(rig.sent.filter(({ to }) => to === "2").map(({ text }) => text)).toEqual(["甲", "乙"]);
      expect(await rig.ledger()).toEqual(
        Array.from({ length: 5 }, () => ({
          state: "sent",
          reason: null,
          parts: 1,
          repeated: false,
          unknowns: 0,
        })),
      );
      const ids = await rig.database.db.selectFrom("deliveries").select("platform_ids").execute();
      expect(ids.flatMap(({ platform_ids: all }) => all).toSorted()).toEqual(["0", "1", "2", "3", "4"]);
    });

    it("sends what is posted while it runs", async () => {
      const box = rig.outbox();
      const id = await rig.contact("1");
      await rig.say(id, "一");
      box.wake();
      await rig.workedOff();
      await rig.say(id, "二");
      box.wake();
      await rig.workedOff();
      expect(rig.texts()).toEqual(["一", "二"]);
    });

    it("goes on with the part that is missing, and repeats none that arrived", async () => {
      await rig.say(await rig.contact("1"), "一\n二\n三");
      rig.script = [{ state: "sent" }, { state: "retry", reason: "429" }];
      rig.outbox();
      await rig.workedOff();
      expect(rig.texts()).toEqual(["一", "二", "三"]);
      expect(await rig.ledger()).toMatchObject([{ state: "sent", parts: 3, repeated: false }]);
    });

    it("says that it is late where it waited long, once", async () => {
      const id = await rig.contact("1");
      await rig.say(id, "一\n二");
      await rig.database.db.updateTable("deliveries").set({ queued_at: "2026-01-01T00:00:00Z" }).execute();
      rig.outbox();
      await rig.workedOff();
      expect(rig.sent.map(({ marks }) => marks.late)).toEqual([true, false]);
    });

    it("waits while the channel cannot be sent to, and goes out once when it can", async () => {
      let up = false;
      const box = rig.outbox({ maySend: () => up });
      await rig.say(await rig.contact("1"), "一");
      box.wake();
      await sleep(60);
      expect(rig.sent).toEqual([]);
      expect(await rig.ledger()).toMatchObject([{ state: "queued" }]);
      up = true;
      await rig.workedOff();
      expect(rig.texts()).toEqual(["一"]);
    });
  });

  describe("what the platform answers", () => {
    it.each([
      ["no answer in time", "hang" as const],
      ["an error in the sender", "throw" as const],
      ["an answer that leaves it open", { state: "unknown", reason: "timeout" } as const],
    ])("%s: sent again, marked as a repeat", async (_what, outcome) => {
      await rig.say(await rig.contact("1"), "一", "二");
      rig.script = [outcome];
      rig.outbox({ sendTimeoutMs: 20 });
      await rig.workedOff();
      expect(rig.sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([
        ["一", true],
        ["二", false],
      ]);
      expect(await rig.ledger()).toMatchObject([
        { state: "sent", repeated: true, unknowns: 0 },
        { state: "sent", repeated: false, unknowns: 0 },
      ]);
    });

    it("nothing, and then to wait: the next try is still marked as a repeat", async () => {
      await rig.say(await rig.contact("1"), "一");
      rig.script = [
        { state: "unknown", reason: "timeout" },
        { state: "retry", reason: "429" },
      ];
      rig.outbox();
      await rig.workedOff();
      expect(rig.sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([["一", true]]);
    });

    it("nothing certain again and again: the ledger says unknown, and the next message goes on", async () => {
      await rig.say(await rig.contact("1"), "一", "二");
      rig.script = Array.from({ length: 6 }, () => ({ state: "unknown" as const, reason: "timeout" }));
      rig.outbox();
      await rig.workedOff();
      expect(await rig.ledger()).toMatchObject([
        { state: "unknown", reason: "no_answer" },
        { state: "sent" },
      ]);
      expect(rig.texts()).toEqual(["二"]);
    });

    it("that it will never take it: failed with the reason, the next goes on", async () => {
      await rig.say(await rig.contact("1"), "一", "二");
      rig.script = [{ state: "failed", reason: "bad_request" }];
      rig.outbox();
      await rig.workedOff();
      expect(await rig.ledger()).toMatchObject([
        { state: "failed", reason: "bad_request" },
        { state: "sent" },
      ]);
    });

    it("that the contact is gone: everything that waits is dropped, and what is said later", async () => {
      const id = await rig.contact("1");
      await rig.say(id, "一", "二");
      rig.script = [{ state: "unreachable", reason: "blocked" }];
      rig.outbox();
      await rig.workedOff();
      await rig.say(id, "三");
      const dropped = { state: "dropped", reason: "blocked" };
      expect(await rig.ledger()).toMatchObject([dropped, dropped, dropped]);
      expect(rig.sent).toEqual([]);
    });

    it("to slow down everywhere: nobody is sent to until then", async () => {
      const [one, two] = [await rig.contact("1"), await rig.contact("2")];
      await rig.say(one, "一");
      rig.script = [{ state: "retry", reason: "429", afterMs: 80, scope: "channel" }];
      const box = rig.outbox({ concurrency: 1 });
      await expect.poll(() => rig.script.length, { interval: 1 }).toBe(0);
      const began = performance.now();
      await rig.say(two, "甲");
      box.wake();
      await rig.workedOff();
      expect(performance.now() - began).toBeGreaterThan(50);
      expect(rig.texts().toSorted()).toEqual(["一", "甲"].toSorted());
    });

    it("for two days that it is not now: given up as failed", async () => {
      const id = await rig.contact("1");
      await rig.say(id, "一");
      await rig.database.db.updateTable("deliveries").set({ queued_at: "2026-01-01T00:00:00Z" }).execute();
      rig.script = [{ state: "retry", reason: "503" }];
      rig.outbox();
      await rig.workedOff();
      expect(await rig.ledger()).toMatchObject([{ state: "failed", reason: "503" }]);
    });
  });

  describe("a process that dies", () => {
    it("before the platform's answer was recorded: the next one repeats that message only, marked", async () => {
      const id = await rig.contact("1");
      await rig.say(id, "一", "二");
      rig.script = ["hang"];
      const first = rig.outbox({ owner: "first" });
      await expect.poll(async () => (await rig.ledger())[0]?.state).toBe("sending");
      await first.stop(0);
      await rig.stores.lanes.releaseAll();
      rig.outbox({ owner: "second" });
      await rig.workedOff();
      expect(rig.sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([
        ["一", true],
        ["二", false],
      ]);
    });

    it("two replicas never send for one contact at once, nor the same message", async () => {
      const ids = await Promise.all(["1", "2", "3"].map((key) => rig.contact(key)));
      for (const id of ids) await rig.say(id, "一", "二", "三");
      rig.outbox({ owner: "a" });
      rig.outbox({ owner: "b" });
      await rig.workedOff();
      for (const key of ["1", "2", "3"]) {
        expect(rig.sent.filter(({ to }) => to === key).map(({ text }) => text)).toEqual(["一", "二", "三"]);
      }
    });

    it("or stands still past its lease: it sends nothing more", async () => {
      const id = await rig.contact("1");
      await rig.say(id, "一", "二");
      const [late] = await rig.stores.lanes.claim("send:test", "frozen", 1, 1);
      await sleep(5);
      rig.outbox();
      await rig.workedOff();
      const work = await rig.stores.conversations.messagesAfter(id, 0, 9);
      expect(late === undefined ? true : await rig.stores.outbox.begin(late, work.at(-1)?.id ?? "")).toBe(
        false,
      );
    });
  });

  describe("limits", () => {
    it("of the platform are kept: overall, per contact, per group", async () => {
      const limits = { perSecond: 200, perContactPerSecond: 50, perGroupPerMinute: 2 };
      const one = await rig.contact("1");
      const group = await rig.contact("g", "group");
      await rig.say(one, "1", "2", "3", "4");
      await rig.say(group, "a", "b", "c");
      const began = performance.now();
      rig.outbox({ sender: { ...rig.platform, limits } });
      await expect.poll(() => rig.sent.length, { timeout: 5_000 }).toBe(6);
      expect(performance.now() - began).toBeGreaterThan(55);
      await sleep(30);
      expect(rig.texts().filter((text) => /[abc]/.test(text))).toEqual(["a", "b"]);
    });
  });

  describe("a contact who asked to be forgotten", () => {
    it("gets the receipt, and then the address is gone", async () => {
      const id = await rig.contact("1");
      const lanes = new SqlLaneStore(rig.database);
      const [claim] = await lanes.claim("turn", "a", 1, 60_000);
      if (claim === undefined) throw new Error("No turn is due.");
      const work = await rig.stores.conversations.loadTurn(claim, 9, 9);
      const receipt = { replies: [{ sender: "bot" as const, text: "已删除。" }], forget: true as const };
      await rig.stores.conversations.finishTurn(claim, work as NonNullable<typeof work>, receipt);
      rig.outbox();
      const addresses = rig.database.db.selectFrom("addresses").selectAll();
      await expect.poll(() => addresses.execute(), { timeout: 5_000 }).toEqual([]);
      expect(rig.sent.map(({ to, text }) => [to, text])).toEqual([["1", "已删除。"]]);
      expect(await rig.stores.conversations.messagesAfter(id, 0, 9)).toEqual([]);
    });
  });
});
