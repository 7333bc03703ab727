import { createHash } from "node:crypto";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { Kysely } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import {
  AttachmentPreparer,
  type FetchFile,
  type PrepareOptions,
} from "../../../src/attachments/prepare-attachments.ts";
import type { TextReader } from "../../../src/attachments/text-reader.ts";
import { AppError } from "../../../src/errors.ts";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import type { Attachment, InboundAttachment, StoredMessage } from "../../../src/messaging/message.ts";
import { attachmentsOf, attachToMessage } from "../../../src/storage/attachment-rows.ts";
import { SqlAttachmentStore } from "../../../src/storage/attachment-store.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import type { Tables } from "../../../src/storage/tables.ts";
import { describeOnPglite } from "../../support/databases.ts";
import { temporaryFolder } from "../../support/knowledge-folder.ts";
import { makePdf } from "../../support/sample-files.ts";
import {
  brokenOff,
  endlessPicture,
  htmlAsPhoto,
  inPieces,
  makeJpeg,
  makeOpus,
  makePng,
  pngBomb,
  stalled,
} from "../../support/sample-media.ts";

const mostBytes = 100_000;
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const photo = makeJpeg(64, 48);
const neverFired = new AbortController().signal;

type Source = () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;

/** A channel whose files are these, by reference; `calls` are the references asked for. */
function channelWith(files: Record<string, Source>) {
  const calls: string[] = [];
  const fetchFile: FetchFile = async (reference) => {
    calls.push(reference);
    const source = files[reference];
    if (source === undefined) throw new AppError("files.gone", "The platform has it no more.");
    return source();
  };
  return { calls, fetchFile };
}

describeOnPglite((open) => {
  let db: Kysely<Tables>;
  let store: SqlAttachmentStore;
  let files: FileStore;
  let logged: Record<string, unknown>[];
  let message: StoredMessage;

  beforeEach(async () => {
    ({ db } = await open());
    store = new SqlAttachmentStore({ db, now: () => new Date("2026-03-01T08:00:00.000Z") });
    files = await createFolderFiles(join(await temporaryFolder(), "files"));
    logged = [];
    const created_at = "2026-03-01T08:00:00.000Z";
    await db.insertInto("contacts").values({ id: "contact", created_at }).execute();
    await db
      .insertInto("conversations")
      .values({ id: "c-1", contact_id: "contact", channel: "telegram", created_at })
      .execute();
  });

  /** Stores a message with these attachments; they are a-1, a-2, …, each the file of its own reference. */
  async function say(attachments: readonly InboundAttachment[]): Promise<void> {
    const created_at = "2026-03-01T08:00:00.000Z";
    await db
      .insertInto("messages")
      .values({
        id: "m-1",
        conversation_id: "c-1",
        external_id: "1",
        sender: "contact",
        text: "看",
        created_at,
      })
      .execute();
    let ids = 0;
    await db.transaction().execute((tx) =>
      attachToMessage(tx, { id: "m-1", conversation_id: "c-1" }, attachments, {
        newId: () => `a-${++ids}`,
        now: () => new Date(created_at),
      }),
    );
    await load();
  }

  async function load(): Promise<void> {
    const attachments = (await attachmentsOf(db, ["m-1"])).get("m-1") ?? [];
    message = {
      id: "m-1",
      conversationId: "c-1",
      seq: 1,
      sender: "contact",
      text: "看",
      attachments,
      createdAt: "2026-03-01T08:00:00.000Z",
    };
  }

  const preparer = (more: Partial<PrepareOptions> = {}) =>
    new AttachmentPreparer({
      files,
      store,
      readers: [],
      mostBytes,
      retryMs: 0,
      logger: {
        info: (details, text) => logged.push({ ...details, text }),
        warn: (details, text) => logged.push({ ...details, text }),
      },
      ...more,
    });

  /** What the turn sees, after checking that the database says the same. */
  async function prepared(
    fetchFile: FetchFile | undefined,
    more: Partial<PrepareOptions> = {},
  ): Promise<readonly Attachment[]> {
    const [result] = await preparer(more).prepare([message], fetchFile, neverFired);
    await load();
    expect(result).toEqual(message);
    return result?.attachments ?? [];
  }

  const keptBytes = async (id: string) => {
    const stream = await files.open(id);
    return stream === undefined ? undefined : buffer(stream);
  };

  const one = (content: Source) => channelWith({ f: content });
  const saySomething = (more: Partial<InboundAttachment> = {}) =>
    say([{ kind: "photo", reference: "f", ...more }]);

  describe("what is kept", () => {
    it("photo, voice and paper of a burst are kept with hash, size and type by content", async () => {
      const [voice, paper] = [makeOpus(), makePdf([["劳动合同"]])];
      await say([
        { kind: "photo", reference: "1", mimeType: "image/png", name: "照片" },
        { kind: "voice", reference: "2" },
        { kind: "file", reference: "3", name: "合同.pdf", size: paper.length },
        { kind: "location", location: { latitude: 29.5, longitude: 106.5 } },
      ]);
      const channel = channelWith({
        1: () => inPieces(photo, 100),
        2: () => inPieces(voice),
        3: () => inPieces(paper),
      });
      expect(await prepared(channel.fetchFile)).toEqual([
        {
          id: "a-1",
          kind: "photo",
          name: "照片",
          state: "stored",
          mimeType: "image/jpeg",
          size: photo.length,
          hash: sha256(photo),
        },
        {
          id: "a-2",
          kind: "voice",
          state: "stored",
          mimeType: "audio/ogg",
          size: voice.length,
          hash: sha256(voice),
        },
        {
          id: "a-3",
          kind: "file",
          name: "合同.pdf",
          state: "stored",
          mimeType: "application/pdf",
          size: paper.length,
          hash: sha256(paper),
        },
        { id: "a-4", kind: "location", state: "stored", location: { latitude: 29.5, longitude: 106.5 } },
      ]);
      expect(await keptBytes("a-1")).toEqual(photo);
      expect(await keptBytes("a-3")).toEqual(Buffer.from(paper));
    });

    it("prepared again, nothing is fetched again and all is the same", async () => {
      await saySomething();
      const first = await prepared(one(() => inPieces(photo)).fetchFile);
      const again = channelWith({});
      expect(await prepared(again.fetchFile)).toEqual(first);
      expect(again.calls).toEqual([]);
    });

    it("a file that its process kept before it died is found, though the platform has it no more", async () => {
      await saySomething();
      await files.save("a-1", inPieces(photo), mostBytes);
      expect(await prepared(channelWith({}).fetchFile)).toMatchObject([
        { state: "stored", hash: sha256(photo), mimeType: "image/jpeg" },
      ]);
    });

    it("a download that fails once is tried once more", async () => {
      await saySomething();
      let tries = 0;
      const channel = one(() => {
        tries += 1;
        return tries === 1 ? brokenOff(photo, new Error("connection reset")) : inPieces(photo);
      });
      expect(await prepared(channel.fetchFile)).toMatchObject([{ state: "stored", hash: sha256(photo) }]);
      expect(channel.calls).toHaveLength(2);
    });

    it("messages without attachments pass as they are", async () => {
      await saySomething();
      const { attachments: _, ...plain } = message;
      expect(await preparer().prepare([plain], undefined, neverFired)).toEqual([plain]);
    });

    it("a bad file among good ones keeps no other from being kept", async () => {
      await say(["1", "2", "3", "4", "5", "6"].map((reference) => ({ kind: "photo", reference }) as const));
      const channel = channelWith({
        1: () => inPieces(photo),
        2: () => inPieces(htmlAsPhoto),
        4: () => inPieces(photo),
        5: () => inPieces(photo),
        6: () => inPieces(makePng(8, 8)),
      });
      expect((await prepared(channel.fetchFile)).map(({ state, reason }) => reason ?? state)).toEqual([
        "stored",
        "harmful",
        "gone",
        "stored",
        "stored",
        "stored",
      ]);
    });
  });

  describe("what is refused, with its reason and nothing left behind", () => {
    it.each<[string, string, Source]>([
      ["a web page that says it is a photo", "harmful", () => inPieces(htmlAsPhoto)],
      ["a photo of 60 000 by 60 000", "too_many_pixels", () => inPieces(pngBomb)],
      ["a file without a byte", "empty", () => inPieces(Buffer.alloc(0))],
      ["a photo that is a paper", "unreadable", () => inPieces(makePdf([["x"]]))],
      ["a photo without end", "too_large", () => endlessPicture()],
      [
        "a download that breaks off, twice",
        "unavailable",
        () => brokenOff(photo, new Error("https://host/bot123:token/x")),
      ],
      ["a channel that cannot be reached", "unavailable", () => Promise.reject(new Error("offline"))],
      [
        "what the channel finds too large",
        "too_large",
        () => Promise.reject(new AppError("files.too_large", "Over 20 MB.")),
      ],
    ])("%s: %s", async (_what, reason, content) => {
      await saySomething({ name: "照片.jpg", mimeType: "image/jpeg" });
      const [attachment] = await prepared(one(content).fetchFile);
      expect(attachment).toMatchObject({ state: "refused", reason, name: "照片.jpg" });
      expect(attachment).not.toHaveProperty("reference");
      expect(await keptBytes("a-1")).toBeUndefined();
    });

    it("what is announced as too large is not even asked for", async () => {
      await saySomething({ size: 2_147_483_648 });
      const channel = one(() => inPieces(photo));
      expect(await prepared(channel.fetchFile)).toMatchObject([{ state: "refused", reason: "too_large" }]);
      expect(channel.calls).toEqual([]);
    });

    it("a refusal by content is final: it is not fetched a second time", async () => {
      await saySomething();
      const channel = one(() => inPieces(htmlAsPhoto));
      await prepared(channel.fetchFile);
      expect(channel.calls).toHaveLength(1);
    });

    it("a channel that hands over no files", async () => {
      await saySomething();
      expect(await prepared(undefined)).toMatchObject([{ state: "refused", reason: "unsupported" }]);
    });

    it("an upload that never came", async () => {
      await store.announceUpload("c-1", { id: "up-1", kind: "photo" });
      await say([{ kind: "photo", stored: { id: "up-1", hash: "00", size: 1 } }]);
      expect(await prepared(channelWith({}).fetchFile)).toMatchObject([{ id: "up-1", reason: "gone" }]);
    });

    it.each([
      ["a download that stalls", () => stalled(photo)],
      ["a platform that never answers", () => new Promise<never>(() => undefined)],
    ])("%s: timeout", async (_what, content) => {
      await saySomething();
      expect(await prepared(one(content).fetchFile, { fileMs: 30 })).toMatchObject([{ reason: "timeout" }]);
    });

    it("a file store that hangs costs the time of the file and no more", async () => {
      await saySomething();
      const hanging: FileStore = { ...files, save: () => new Promise<never>(() => undefined) };
      const channel = one(() => inPieces(photo));
      expect(await prepared(channel.fetchFile, { files: hanging, fileMs: 30 })).toMatchObject([
        { reason: "timeout" },
      ]);
    });

    it("a file store that is away: the contact may send it again", async () => {
      await saySomething();
      const away = () => Promise.reject(new AppError("files.unavailable", "The file store does not work."));
      const channel = one(() => inPieces(photo));
      expect(
        await prepared(channel.fetchFile, { files: { save: away, open: away, remove: away } }),
      ).toMatchObject([{ reason: "unavailable" }]);
    });

    it("when the time of the burst is over the rest is refused, what came is kept", async () => {
      const over = new AbortController();
      await say([
        { kind: "photo", reference: "good" },
        ...["1", "2", "3", "4", "5"].map((reference) => ({ kind: "photo", reference }) as const),
      ]);
      const hang = () => stalled(photo);
      const channel = channelWith({
        good: () => inPieces(photo),
        1: hang,
        2: hang,
        3: hang,
        4: hang,
        5: hang,
      });
      const states = await prepared(channel.fetchFile, {
        timeLimit: (ms) => (ms === 40_000 ? over.signal : neverFired),
        store: {
          markRefused: (id, reason) => store.markRefused(id, reason),
          setText: (id, text) => store.setText(id, text),
          markStored: async (id, kept) => {
            const isStill = await store.markStored(id, kept);
            over.abort();
            return isStill;
          },
        },
      });
      expect(states.map(({ reason }) => reason)).toEqual([undefined, ...new Array(5).fill("timeout")]);
    });
  });

  it("logs say which and why, never what: no name, no address with a token", async () => {
    await saySomething({ name: "张三的工资条.jpg" });
    await prepared(one(() => brokenOff(photo, new Error("https://host/bot123:token/x"))).fetchFile);
    const text = JSON.stringify(logged);
    expect(text).toContain("a-1");
    expect(text).toContain("unavailable");
    expect(text).not.toMatch(/张三|token|host/);
  });

  describe("a turn that is given up", () => {
    it("ends at once with its reason, and leaves what was announced as it was", async () => {
      await saySomething();
      const stop = new AbortController();
      const source = stalled(photo);
      const work = preparer().prepare([message], one(() => source).fetchFile, stop.signal);
      stop.abort(new Error("the lease was lost"));
      await expect(work).rejects.toThrow("the lease was lost");
      await load();
      expect(message.attachments).toMatchObject([{ state: "announced", reference: "f" }]);
    });

    it("a message that was taken back in the meantime leaves no file", async () => {
      await saySomething();
      const channel = one(async () => {
        await db.deleteFrom("messages").execute();
        return inPieces(photo);
      });
      const [result] = await preparer().prepare([message], channel.fetchFile, neverFired);
      expect(result?.attachments).toMatchObject([{ state: "refused", reason: "gone" }]);
      expect(await db.selectFrom("files_to_remove").select("id").execute()).toEqual([{ id: "a-1" }]);
    });
  });

  describe("reading", () => {
    const reader = (read: TextReader["read"], more: Partial<TextReader> = {}): TextReader => ({
      name: "test",
      atOnce: 1,
      reads: ({ mimeType }) => mimeType === "image/jpeg",
      read,
      ...more,
    });

    it("what a reader finds in the kept bytes is kept with the attachment", async () => {
      await saySomething();
      const given: Uint8Array[] = [];
      const readers = [
        reader(async () => "never asked", { reads: () => false }),
        reader(async ({ bytes, mimeType }) => {
          given.push(bytes);
          return ` ${mimeType}\u0000 工资条 `;
        }),
      ];
      const channel = one(() => inPieces(photo));
      expect(await prepared(channel.fetchFile, { readers })).toMatchObject([{ text: "image/jpeg 工资条" }]);
      expect(given).toEqual([photo]);
    });

    it("what was read before is not read again", async () => {
      await saySomething();
      const channel = one(() => inPieces(photo));
      await prepared(channel.fetchFile, { readers: [reader(async () => "first")] });
      expect(await prepared(undefined, { readers: [reader(async () => "second")] })).toMatchObject([
        { text: "first" },
      ]);
    });

    it("kept by a process that died before it was read, it is read in the next attempt", async () => {
      await saySomething();
      await prepared(one(() => inPieces(photo)).fetchFile);
      expect(await prepared(undefined, { readers: [reader(async () => "later")] })).toMatchObject([
        { text: "later" },
      ]);
    });

    it.each<[string, (timeIsOver: () => void) => Promise<string>]>([
      ["a reader that fails", () => Promise.reject(new AppError("model.unavailable", "did not answer"))],
      [
        "a reader that hangs",
        (timeIsOver) => {
          timeIsOver();
          return new Promise<never>(() => undefined);
        },
      ],
      ["a reader that finds nothing", async () => " \n "],
    ])("%s leaves the file kept and without text", async (_what, read) => {
      await saySomething();
      const channel = one(() => inPieces(photo));
      const over = new AbortController();
      const [attachment] = await prepared(channel.fetchFile, {
        readers: [reader(() => read(() => over.abort()))],
        timeLimit: (ms) => (ms === 40_000 ? over.signal : neverFired),
      });
      expect(attachment).toMatchObject({ state: "stored" });
      expect(attachment).not.toHaveProperty("text");
    });

    it("a text without end is cut", async () => {
      await saySomething();
      const channel = one(() => inPieces(photo));
      const [attachment] = await prepared(channel.fetchFile, {
        readers: [reader(async () => "字".repeat(100_000))],
      });
      expect(attachment?.text).toHaveLength(4_000);
    });

    it("no more files are read at once than the reader takes", async () => {
      await say(["1", "2", "3"].map((reference) => ({ kind: "photo", reference }) as const));
      let [now, most] = [0, 0];
      const readers = [
        reader(async () => {
          now += 1;
          most = Math.max(most, now);
          await new Promise((resolve) => setImmediate(resolve));
          now -= 1;
          return "x";
        }),
      ];
      const content = () => inPieces(photo);
      const channel = channelWith({ 1: content, 2: content, 3: content });
      expect((await prepared(channel.fetchFile, { readers })).map(({ text }) => text)).toEqual([
        "x",
        "x",
        "x",
      ]);
      expect(most).toBe(1);
    });
  });
});
