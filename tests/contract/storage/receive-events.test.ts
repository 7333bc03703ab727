import { beforeEach, describe, expect, it } from "vitest";
import type { TurnWork } from "../../../src/messaging/conversation-store.ts";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import type { PlatformEvent } from "../../../src/messaging/platform-event.ts";
import type { TurnResult } from "../../../src/messaging/turn-handler.ts";
import { SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import type { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";

const turn: TurnResult = { replies: [{ sender: "bot", text: "好。" }] };
const texts = (messages: readonly StoredMessage[]) => messages.map(({ text }) => text);
const address = (key: string, surface: "private" | "group" = "private") =>
  ({ key, surface, data: { chat: key } }) as const;
const write = (key: string, externalId: string, text: string): PlatformEvent => ({
  type: "message",
  address: address(key),
  externalId,
  text,
});
const edit = (editId: string, text: string): PlatformEvent => ({
  type: "edited",
  address: address("5"),
  externalId: "1",
  editId,
  text,
});

forEachDatabase((_name, open) => {
  let database: Database;
  let store: SqlConversationStore;
  let lanes: SqlLaneStore;

  beforeEach(async () => {
    database = await open();
    ({ conversations: store, lanes } = openStores(database));
  });

  const events = (...list: PlatformEvent[]) => store.receiveEvents("telegram", list, 0);

  async function claim(owner = "a", leaseMs = 60_000): Promise<LaneClaim> {
    const [claimed] = await lanes.claim("turn", owner, 1, leaseMs);
    if (claimed === undefined) throw new Error("No turn is due.");
    return claimed;
  }

  async function load(held: LaneClaim): Promise<TurnWork> {
    const work = await store.loadTurn(held, 50, 50);
    if (work === undefined) throw new Error("The conversation is gone.");
    return work;
  }

  async function finish(result: TurnResult): Promise<void> {
    const held = await claim();
    await store.finishTurn(held, await load(held), result);
  }

  describe("a batch of a platform", () => {
    it("a batch is stored in order; every contact gets a conversation of their own", async () => {
      const outcomes = await events(write("5", "1", "一"), write("6", "1", "甲"), write("5", "2", "二"));
      expect(outcomes.map(({ outcome, isNew }) => [outcome, isNew])).toEqual([
        ["stored", true],
        ["stored", true],
        ["stored", false],
      ]);
      expect(outcomes[0]?.conversationId).toBe(outcomes[2]?.conversationId);
      expect(texts(await store.messagesAfter(outcomes[0]?.conversationId ?? "", 0, 9))).toEqual(["一", "二"]);
    });

    it("the same batch again stores nothing new", async () => {
      await events(write("5", "1", "一"), write("6", "1", "甲"));
      const again = await events(write("5", "1", "一"), write("6", "1", "甲"));
      expect(again.map(({ outcome }) => outcome)).toEqual(["duplicate", "duplicate"]);
    });

    it("the same contact at ten processes at once gets one conversation", async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, index) => events(write("5", `${index}`, `${index}`))),
      );
      expect(new Set(outcomes.flat().map(({ conversationId: id }) => id)).size).toBe(1);
      const { length } = await database.db.selectFrom("contacts").selectAll().execute();
      expect(length).toBe(1);
    });

    it("a batch that cannot be stored whole is not stored at all", async () => {
      const broken = { ...write("6", "1", "甲"), text: undefined } as unknown as PlatformEvent;
      await expect(events(write("5", "1", "一"), broken)).rejects.toThrow();
      expect((await events(write("5", "1", "一")))[0]).toMatchObject({ outcome: "stored", isNew: true });
    });

    it("the door through which a contact came stays with the conversation", async () => {
      const [first] = await events({ ...write("5", "1", "/start"), origin: "YUZHONG" } as PlatformEvent);
      expect(await store.find(first?.conversationId ?? "")).toMatchObject({
        channel: "telegram",
        origin: "YUZHONG",
        surface: "private",
        noticeGiven: false,
      });
    });

    it("no platform id stands outside of the table of addresses", async () => {
      const sealed = new SqlConversationStore({
        db: database.db,
        newId: () => crypto.randomUUID(),
        now: () => new Date(),
        sealer: createSealer(new Uint8Array(32).fill(7)),
      });
      await sealed.receiveEvents("telegram", [write("4815162342", "1", "一")], 0);
      for (const table of [
        "contacts",
        "conversations",
        "messages",
        "lanes",
        "deliveries",
        "addresses",
      ] as const) {
        expect(JSON.stringify(await database.db.selectFrom(table).selectAll().execute())).not.toContain(
          "4815162342",
        );
      }
    });

    it("events about somebody who never wrote are left alone", async () => {
      expect(await events({ type: "blocked", address: address("9") })).toEqual([
        { outcome: "ignored", isNew: false },
      ]);
    });
  });

  describe("a contact's own change", () => {
    it("an edit replaces what waits, and is a new message where it was answered", async () => {
      const [first] = await events(write("5", "1", "工姿"));
      const id = first?.conversationId ?? "";
      expect((await events(edit("a", "工资")))[0]?.outcome).toBe("applied");
      expect(texts(await store.messagesAfter(id, 0, 9))).toEqual(["工资"]);
      await finish(turn);
      await events(edit("b", "工资三个月"), edit("b", "工资三个月"));
      expect(texts(await store.messagesAfter(id, 0, 9))).toEqual(["工资", "好。", "工资三个月"]);
      expect((await claim()).key).toBe(id);
    });

    it("an edit during its turn is answered by the next one", async () => {
      await events(write("5", "1", "工姿"));
      const held = await claim();
      const work = await load(held);
      await events(edit("a", "工资"));
      await store.finishTurn(held, work, turn);
      expect(texts((await load(await claim())).messages)).toEqual(["工资"]);
    });

    it("an edit during its turn counts although the turn's lease ran out: its process may only be slow", async () => {
      await events(write("5", "1", "工姿"));
      const held = await claim("slow", 0);
      const work = await load(held);
      await events(edit("a", "工资"));
      await store.finishTurn(held, work, turn);
      expect(texts((await load(await claim())).messages)).toEqual(["工资"]);
    });

    it("what its author took back is gone and needs no answer", async () => {
      const [first] = await events({
        ...write("5", "1", "别看"),
        attachments: [{ kind: "photo", stored: { id: "f1", hash: "00", size: 1 } }],
      } as PlatformEvent);
      await events({ type: "deleted", address: address("5"), externalId: "1" });
      const id = first?.conversationId ?? "";
      expect(await store.messagesAfter(id, 0, 9)).toMatchObject([{ text: "" }]);
      expect(await store.pendingMessage(id)).toBeUndefined();
      expect(await database.db.selectFrom("files_to_remove").select("id").execute()).toEqual([{ id: "f1" }]);
    });

    it("what its author changed and then took back is gone in every version", async () => {
      const [first] = await events(write("5", "1", "别看"));
      await finish(turn);
      await events(edit("a", "真的别看"));
      await events({ type: "deleted", address: address("5"), externalId: "1" });
      const id = first?.conversationId ?? "";
      expect(texts(await store.messagesAfter(id, 0, 9))).toEqual(["", "好。", ""]);
      expect(await store.pendingMessage(id)).toBeUndefined();
    });
  });

  describe("a contact", () => {
    it("what is said to a contact who blocked the account is dropped, until they write again", async () => {
      const [first] = await events(write("5", "1", "一"));
      const id = first?.conversationId ?? "";
      await store.post(id, [{ sender: "system", text: "甲" }]);
      await events({ type: "blocked", address: address("5") });
      await store.post(id, [{ sender: "system", text: "乙" }]);
      await events(write("5", "2", "二"));
      await store.post(id, [{ sender: "system", text: "丙" }]);
      const ledger = await database.db
        .selectFrom("deliveries")
        .select(["state", "reason"])
        .orderBy("seq")
        .execute();
      expect(ledger).toEqual([
        { state: "dropped", reason: "blocked" },
        { state: "dropped", reason: "blocked" },
        { state: "queued", reason: null },
      ]);
    });

    it("who blocked the account and writes again is reached, whatever else comes with it in one batch", async () => {
      const [first] = await events(write("5", "1", "一"), { type: "blocked", address: address("5") });
      await events(edit("a", "一一"));
      expect(await unreachable()).toEqual(["blocked"]);
      await events({ type: "deleted", address: address("5"), externalId: "1" }, write("5", "2", "二"));
      expect(await unreachable()).toEqual([null]);
      await events(write("5", "3", "三"), { type: "blocked", address: address("5") }, write("5", "4", "四"));
      expect(await unreachable()).toEqual([null]);
      expect(first?.isNew).toBe(true);
    });

    const unreachable = async () => {
      const rows = await database.db.selectFrom("conversations").select("unreachable").execute();
      return rows.map((row) => row.unreachable);
    };

    it("opening with a known address finds the conversation", async () => {
      const one = await store.open("web", { address: address("identity:7"), origin: "A" });
      expect(await store.open("web", { address: address("identity:7") })).toEqual(one);
      expect((await store.open("telegram", { address: address("identity:7") })).id).not.toBe(one.id);
    });
  });
});
