import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChannelSender, SendMarks, SendOutcome } from "../../../src/messaging/delivery.ts";
import { Outbox, type OutboxOptions } from "../../../src/messaging/outbox.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";
import { type RoadRecord, recordRoad } from "../../support/road.ts";

interface Sent {
  readonly to: string;
  readonly text: string;
  readonly marks: SendMarks;
}

forEachDatabase((_name, open) => {
  let database: Database;
  let stores: ReturnType<typeof openStores>;
  let record: RoadRecord;
  let sent: Sent[];
  let outboxes: Outbox[];
  /** What the platform says to the next sends; afterwards it takes everything. */
  let script: (SendOutcome | "hang" | "throw")[];

  beforeEach(async () => {
    database = await open();
    stores = openStores(database);
    record = recordRoad();
    sent = [];
    outboxes = [];
    script = [];
  });
  afterEach(() => Promise.all(outboxes.map((outbox) => outbox.stop(0))));

  /** A platform that takes texts, a part for every line. */
  const platform: ChannelSender = {
    channel: "test",
    limits: {},
    partsOf: ({ text }) => text.split("\n").map((line) => ({ text: line })),
    send: async ({ key }, { text }, marks, signal) => {
      const next = script.shift() ?? { state: "sent" as const, platformId: `${sent.length}` };
      if (next === "throw") throw new Error("broken");
      if (next === "hang") {
        await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
        throw new Error("unreachable");
      }
      if (next.state === "sent") sent.push({ to: key, text, marks });
      return next;
    },
  };

  function outbox(options: Partial<OutboxOptions> = {}): Outbox {
    const made = new Outbox({
      sender: platform,
      lanes: stores.lanes,
      store: stores.outbox,
      owner: "test",
      maySend: () => true,
      logger: record.logger,
      observer: record.observer,
      now: () => performance.now(),
      random: () => 0,
      retryMs: 1,
      pollMs: 20,
      ...options,
    });
    outboxes.push(made);
    made.start();
    return made;
  }

  async function contact(key: string, surface: "private" | "group" = "private"): Promise<string> {
    const address = { key, surface, data: {} };
    const event = { type: "message" as const, address, externalId: "1", text: "在吗" };
    const [first] = await stores.conversations.receiveEvents("test", [event], 0);
    return first?.conversationId ?? "";
  }

  const say = (id: string, ...texts: string[]) =>
    stores.conversations.post(
      id,
      texts.map((text) => ({ sender: "bot" as const, text })),
    );

  const ledger = () =>
    database.db
      .selectFrom("deliveries")
      .select(["state", "reason", "parts_sent as parts", "repeated", "unknowns"])
      .orderBy("seq")
      .execute();

  async function workedOff(): Promise<void> {
    const waiting = async () =>
      (await ledger()).filter(({ state }) => state === "queued" || state === "sending").length;
    await expect.poll(waiting, { timeout: 10_000, interval: 5 }).toBe(0);
  }

  const texts = () => sent.map(({ text }) => text);

  describe("delivery", () => {
    it("keeps the order of each contact, whatever happens to others, and records what the platform said", async () => {
      const [one, two] = [await contact("1"), await contact("2")];
      await say(one, "一", "二", "三");
      await say(two, "甲", "乙");
      script = [
        { state: "retry", reason: "busy" },
        { state: "retry", reason: "busy" },
      ];
      outbox();
      await workedOff();
      expect(sent.filter(({ to }) => to === "1").map(({ text }) => text)).toEqual(["一", "二", "三"]);
      expect(sent.filter(({ to }) => to === "2").map(({ text }) => text)).toEqual(["甲", "乙"]);
      expect(await ledger()).toEqual(
        Array.from({ length: 5 }, () => ({
          state: "sent",
          reason: null,
          parts: 1,
          repeated: false,
          unknowns: 0,
        })),
      );
      const ids = await database.db.selectFrom("deliveries").select("platform_ids").execute();
      expect(ids.flatMap(({ platform_ids: all }) => all).toSorted()).toEqual(["0", "1", "2", "3", "4"]);
    });

    it("sends what is posted while it runs", async () => {
      const box = outbox();
      const id = await contact("1");
      await say(id, "一");
      box.wake();
      await workedOff();
      await say(id, "二");
      box.wake();
      await workedOff();
      expect(texts()).toEqual(["一", "二"]);
    });

    it("goes on with the part that is missing, and repeats none that arrived", async () => {
      await say(await contact("1"), "一\n二\n三");
      script = [{ state: "sent" }, { state: "retry", reason: "429" }];
      outbox();
      await workedOff();
      expect(texts()).toEqual(["一", "二", "三"]);
      expect(await ledger()).toMatchObject([{ state: "sent", parts: 3, repeated: false }]);
    });

    it("says that it is late where it waited long, once", async () => {
      const id = await contact("1");
      await say(id, "一\n二");
      await database.db.updateTable("deliveries").set({ queued_at: "2026-01-01T00:00:00Z" }).execute();
      outbox();
      await workedOff();
      expect(sent.map(({ marks }) => marks.late)).toEqual([true, false]);
    });

    it("waits while the channel cannot be sent to, and goes out once when it can", async () => {
      let up = false;
      const box = outbox({ maySend: () => up });
      await say(await contact("1"), "一");
      box.wake();
      await sleep(60);
      expect(sent).toEqual([]);
      expect(await ledger()).toMatchObject([{ state: "queued" }]);
      up = true;
      await workedOff();
      expect(texts()).toEqual(["一"]);
    });
  });

  describe("what the platform answers", () => {
    it.each([
      ["no answer in time", "hang" as const],
      ["an error in the sender", "throw" as const],
      ["an answer that leaves it open", { state: "unknown", reason: "timeout" } as const],
    ])("%s: sent again, marked as a repeat", async (_what, outcome) => {
      await say(await contact("1"), "一", "二");
      script = [outcome];
      outbox({ sendTimeoutMs: 20 });
      await workedOff();
      expect(sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([
        ["一", true],
        ["二", false],
      ]);
      expect(await ledger()).toMatchObject([
        { state: "sent", repeated: true, unknowns: 0 },
        { state: "sent", repeated: false, unknowns: 0 },
      ]);
    });

    it("nothing, and then to wait: the next try is still marked as a repeat", async () => {
      await say(await contact("1"), "一");
      script = [
        { state: "unknown", reason: "timeout" },
        { state: "retry", reason: "429" },
      ];
      outbox();
      await workedOff();
      expect(sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([["一", true]]);
    });

    it("nothing certain again and again: the ledger says unknown, and the next message goes on", async () => {
      await say(await contact("1"), "一", "二");
      script = Array.from({ length: 6 }, () => ({ state: "unknown" as const, reason: "timeout" }));
      outbox();
      await workedOff();
      expect(await ledger()).toMatchObject([{ state: "unknown", reason: "no_answer" }, { state: "sent" }]);
      expect(texts()).toEqual(["二"]);
    });

    it("that it will never take it: failed with the reason, the next goes on", async () => {
      await say(await contact("1"), "一", "二");
      script = [{ state: "failed", reason: "bad_request" }];
      outbox();
      await workedOff();
      expect(await ledger()).toMatchObject([{ state: "failed", reason: "bad_request" }, { state: "sent" }]);
    });

    it("that the contact is gone: everything that waits is dropped, and what is said later", async () => {
      const id = await contact("1");
      await say(id, "一", "二");
      script = [{ state: "unreachable", reason: "blocked" }];
      outbox();
      await workedOff();
      await say(id, "三");
      const dropped = { state: "dropped", reason: "blocked" };
      expect(await ledger()).toMatchObject([dropped, dropped, dropped]);
      expect(sent).toEqual([]);
    });

    it("to slow down everywhere: nobody is sent to until then", async () => {
      const [one, two] = [await contact("1"), await contact("2")];
      await say(one, "一");
      script = [{ state: "retry", reason: "429", afterMs: 80, scope: "channel" }];
      const box = outbox({ concurrency: 1 });
      await expect.poll(() => script.length, { interval: 1 }).toBe(0);
      const began = performance.now();
      await say(two, "甲");
      box.wake();
      await workedOff();
      expect(performance.now() - began).toBeGreaterThan(50);
      expect(texts().toSorted()).toEqual(["一", "甲"].toSorted());
    });

    it("for two days that it is not now: given up as failed", async () => {
      const id = await contact("1");
      await say(id, "一");
      await database.db.updateTable("deliveries").set({ queued_at: "2026-01-01T00:00:00Z" }).execute();
      script = [{ state: "retry", reason: "503" }];
      outbox();
      await workedOff();
      expect(await ledger()).toMatchObject([{ state: "failed", reason: "503" }]);
    });
  });

  describe("a process that dies", () => {
    it("before the platform's answer was recorded: the next one repeats that message only, marked", async () => {
      const id = await contact("1");
      await say(id, "一", "二");
      script = ["hang"];
      const first = outbox({ owner: "first" });
      await expect.poll(async () => (await ledger())[0]?.state).toBe("sending");
      await first.stop(0);
      await stores.lanes.releaseAll();
      outbox({ owner: "second" });
      await workedOff();
      expect(sent.map(({ text, marks }) => [text, marks.repeat])).toEqual([
        ["一", true],
        ["二", false],
      ]);
    });

    it("two replicas never send for one contact at once, nor the same message", async () => {
      const ids = await Promise.all(["1", "2", "3"].map((key) => contact(key)));
      for (const id of ids) await say(id, "一", "二", "三");
      outbox({ owner: "a" });
      outbox({ owner: "b" });
      await workedOff();
      for (const key of ["1", "2", "3"]) {
        expect(sent.filter(({ to }) => to === key).map(({ text }) => text)).toEqual(["一", "二", "三"]);
      }
    });

    it("or stands still past its lease: it sends nothing more", async () => {
      const id = await contact("1");
      await say(id, "一", "二");
      const [late] = await stores.lanes.claim("send:test", "frozen", 1, 1);
      await sleep(5);
      outbox();
      await workedOff();
      const work = await stores.conversations.messagesAfter(id, 0, 9);
      expect(late === undefined ? true : await stores.outbox.begin(late, work.at(-1)?.id ?? "")).toBe(false);
    });
  });

  describe("limits", () => {
    it("of the platform are kept: overall, per contact, per group", async () => {
      const limits = { perSecond: 200, perContactPerSecond: 50, perGroupPerMinute: 2 };
      const one = await contact("1");
      const group = await contact("g", "group");
      await say(one, "1", "2", "3", "4");
      await say(group, "a", "b", "c");
      const began = performance.now();
      outbox({ sender: { ...platform, limits } });
      await expect.poll(() => sent.length, { timeout: 5_000 }).toBe(6);
      expect(performance.now() - began).toBeGreaterThan(55);
      await sleep(30);
      expect(texts().filter((text) => /[abc]/.test(text))).toEqual(["a", "b"]);
    });
  });

  describe("a contact who asked to be forgotten", () => {
    it("gets the receipt, and then the address is gone", async () => {
      const id = await contact("1");
      const lanes = new SqlLaneStore(database);
      const [claim] = await lanes.claim("turn", "a", 1, 60_000);
      if (claim === undefined) throw new Error("No turn is due.");
      const work = await stores.conversations.loadTurn(claim, 9, 9);
      const receipt = { replies: [{ sender: "bot" as const, text: "已删除。" }], forget: true as const };
      await stores.conversations.finishTurn(claim, work as NonNullable<typeof work>, receipt);
      outbox();
      const addresses = database.db.selectFrom("addresses").selectAll();
      await expect.poll(() => addresses.execute(), { timeout: 5_000 }).toEqual([]);
      expect(sent.map(({ to, text }) => [to, text])).toEqual([["1", "已删除。"]]);
      expect(await stores.conversations.messagesAfter(id, 0, 9)).toEqual([]);
    });
  });
});
