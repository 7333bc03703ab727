import type { Kysely } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import type { InboundAttachment } from "../../../src/messaging/message.ts";
import { attachmentsOf, attachToMessage } from "../../../src/storage/attachment-rows.ts";
import { SqlAttachmentStore } from "../../../src/storage/attachment-store.ts";
import type { Tables } from "../../../src/storage/tables.ts";
import { forEachDatabase } from "../../support/databases.ts";

const kept = { hash: "ab".repeat(32), size: 4_000_000_000, mimeType: "image/jpeg" };

forEachDatabase((_name, open) => {
  let db: Kysely<Tables>;
  let store: SqlAttachmentStore;
  let now: Date;
  let newId: () => string;

  beforeEach(async () => {
    ({ db } = await open());
    now = new Date("2026-03-01T08:00:00.000Z");
    let ids = 0;
    newId = () => `a-${++ids}`;
    store = new SqlAttachmentStore({ db, now: () => now });
    await openConversation("c-1");
    await openConversation("c-2");
  });

  async function openConversation(id: string): Promise<void> {
    const created_at = now.toISOString();
    await db
      .insertInto("contacts")
      .values({ id: `contact-${id}`, created_at })
      .execute();
    await db
      .insertInto("conversations")
      .values({ id, contact_id: `contact-${id}`, channel: "web", created_at })
      .execute();
  }

  /** A stored message with what came with it. */
  async function say(id: string, attachments: readonly InboundAttachment[], conversation = "c-1") {
    const message = { id, conversation_id: conversation };
    await db
      .insertInto("messages")
      .values({ ...message, external_id: id, sender: "contact", text: "", created_at: now.toISOString() })
      .execute();
    await db
      .transaction()
      .execute((tx) => attachToMessage(tx, message, attachments, { newId, now: () => now }));
  }

  const of = async (...messages: string[]) => Object.fromEntries(await attachmentsOf(db, messages));
  const toRemove = async () =>
    (await db.selectFrom("files_to_remove").select("id").orderBy("id").execute()).map(({ id }) => id);

  describe("what comes with a message", () => {
    it("is read again as it was handed over, in its order and by its message", async () => {
      await say("m-1", [
        {
          kind: "photo",
          name: "工资条.jpg",
          mimeType: "image/jpeg",
          size: 3_000_000_000,
          reference: "file-9",
        },
        { kind: "voice", reference: "file-10" },
      ]);
      await say("m-2", [
        { kind: "location", location: { latitude: 29.56, longitude: 106.55, name: "解放碑" } },
      ]);
      await say("m-3", []);
      expect(await of("m-1", "m-2", "m-3", "nobody")).toEqual({
        "m-1": [
          {
            id: "a-1",
            kind: "photo",
            state: "announced",
            name: "工资条.jpg",
            mimeType: "image/jpeg",
            size: 3_000_000_000,
            reference: "file-9",
          },
          { id: "a-2", kind: "voice", state: "announced", reference: "file-10" },
        ],
        "m-2": [
          {
            id: "a-3",
            kind: "location",
            state: "stored",
            location: { latitude: 29.56, longitude: 106.55, name: "解放碑" },
          },
        ],
      });
    });

    it("the time of receipt is kept", async () => {
      await say("m-1", [{ kind: "photo", reference: "f" }]);
      const row = await db.selectFrom("attachments").select("received_at").executeTakeFirstOrThrow();
      expect(row.received_at).toEqual(now);
    });

    it("what the channel refused, and what nobody can fetch, is refused from the start", async () => {
      await say("m-1", [
        { kind: "video", refused: "too_large", reference: "f" },
        { kind: "sticker", name: "😀" },
      ]);
      expect((await of("m-1"))["m-1"]).toMatchObject([
        { state: "refused", reason: "too_large" },
        { state: "refused", reason: "unsupported" },
      ]);
    });

    it("bytes that the channel kept itself are stored", async () => {
      await say("m-1", [{ kind: "photo", stored: { id: "f-1", hash: kept.hash, size: 7 } }]);
      expect((await of("m-1"))["m-1"]).toEqual([
        { id: "f-1", kind: "photo", state: "stored", hash: kept.hash, size: 7 },
      ]);
    });

    it.each([
      ["../../etc/passwd", ".._.._etc_passwd"],
      ["合同\u202Egpj.exe", "合同_gpj.exe"],
      ["a\u0000\nb.pdf", "a__b.pdf"],
      [`${"x".repeat(500)}.pdf`, `${"x".repeat(196)}.pdf`],
      ["  ", undefined],
    ])("the name %j is kept as %j", async (given, stored) => {
      await say("m-1", [{ kind: "file", name: given, reference: "f" }]);
      expect((await of("m-1"))["m-1"]?.[0]?.name).toBe(stored);
    });
  });

  describe("uploads", () => {
    const upload = { id: "up-1", kind: "photo", name: "合同.jpg" } as const;
    const asSent: InboundAttachment = {
      kind: "file",
      name: "other",
      stored: { id: "up-1", hash: "00", size: 1 },
    };

    it("an upload is found in its conversation only, as far as it came", async () => {
      await store.announceUpload("c-1", upload);
      expect(await store.find("c-1", "up-1")).toEqual({ ...upload, state: "announced" });
      await store.markStored("up-1", kept);
      expect(await store.find("c-1", "up-1")).toEqual({ ...upload, ...kept, state: "stored" });
      expect(await store.find("c-2", "up-1")).toBeUndefined();
      expect(await store.find("c-1", "up-2")).toBeUndefined();
    });

    it("for a conversation that does not exist nothing is set down", async () => {
      await expect(store.announceUpload("nobody", upload)).rejects.toMatchObject({
        code: "channel.unknown_visitor",
      });
      expect(await store.find("nobody", "up-1")).toBeUndefined();
    });

    it("sent with a message it belongs there and stays what it was found to be", async () => {
      await store.announceUpload("c-1", upload);
      await store.markStored("up-1", kept);
      await say("m-1", [{ kind: "voice", reference: "f" }, asSent]);
      expect((await of("m-1"))["m-1"]).toEqual([
        { id: "a-1", kind: "voice", state: "announced", reference: "f" },
        { ...upload, ...kept, state: "stored" },
      ]);
    });

    it("named twice in a message it is one attachment", async () => {
      await store.announceUpload("c-1", upload);
      await say("m-1", [asSent, asSent]);
      expect((await of("m-1"))["m-1"]).toHaveLength(1);
    });

    it("another conversation cannot take it, nor another message", async () => {
      await store.announceUpload("c-1", upload);
      await say("m-1", [asSent], "c-2");
      expect(await of("m-1")).toEqual({});
      await say("m-2", [asSent]);
      await say("m-3", [asSent]);
      expect(Object.keys(await of("m-1", "m-2", "m-3"))).toEqual(["m-2"]);
    });

    it("one that came to nothing is gone and its file is set down for removal", async () => {
      await store.announceUpload("c-1", upload);
      await store.dropUpload("up-1");
      expect(await store.find("c-1", "up-1")).toBeUndefined();
      expect(await toRemove()).toEqual(["up-1"]);
    });

    it("one that belongs to a message is not dropped", async () => {
      await store.announceUpload("c-1", upload);
      await say("m-1", [asSent]);
      await store.dropUpload("up-1");
      expect(await of("m-1")).toHaveProperty("m-1");
      expect(await toRemove()).toEqual([]);
    });
  });

  describe("what becomes of an attachment", () => {
    beforeEach(() =>
      say("m-1", [{ kind: "photo", name: "合同", mimeType: "image/png", reference: "file-9" }]),
    );
    const first = async () => (await of("m-1"))["m-1"]?.[0];

    it("kept, it has what its content says and no reference any more", async () => {
      expect(await store.markStored("a-1", kept)).toBe(true);
      expect(await first()).toEqual({ id: "a-1", kind: "photo", name: "合同", state: "stored", ...kept });
    });

    it("kept a second time it is the same", async () => {
      await store.markStored("a-1", kept);
      expect(await store.markStored("a-1", kept)).toBe(true);
      expect(await first()).toMatchObject({ state: "stored", ...kept });
    });

    it("refused, it says why", async () => {
      await store.markRefused("a-1", "harmful");
      expect(await first()).toMatchObject({ state: "refused", reason: "harmful" });
      expect(await first()).not.toHaveProperty("reference");
    });

    it("a refusal of a process that came late does not undo what is kept", async () => {
      await store.markStored("a-1", kept);
      await store.markRefused("a-1", "timeout");
      expect(await first()).toMatchObject({ state: "stored" });
    });

    it("kept after a refusal of a process that was too early, it is kept", async () => {
      await store.markRefused("a-1", "timeout");
      await store.markStored("a-1", kept);
      expect(await first()).toMatchObject({ state: "stored" });
      expect(await first()).not.toHaveProperty("reason");
    });

    it("a deleted one is not brought back, and its file is set down for removal once", async () => {
      await db.deleteFrom("messages").execute();
      expect(await store.markStored("a-1", kept)).toBe(false);
      expect(await store.markStored("a-1", kept)).toBe(false);
      await store.markRefused("a-1", "gone");
      await store.setText("a-1", "text");
      expect(await of("m-1")).toEqual({});
      expect(await toRemove()).toEqual(["a-1"]);
    });

    it("what it says is kept with it, also where a database cannot store it as it is", async () => {
      await store.markStored("a-1", kept);
      await store.setText("a-1", "我的工资\u0000没发");
      expect((await first())?.text).toBe("我的工资\uFFFD没发");
    });

    it("a refused one says nothing", async () => {
      await store.markRefused("a-1", "harmful");
      await store.setText("a-1", "text");
      expect(await first()).not.toHaveProperty("text");
    });
  });
});
