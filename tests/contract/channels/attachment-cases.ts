import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import type { Attachment, AttachmentKind } from "../../../src/messaging/message.ts";
import { isoBox, makeJpeg, makeOpus, makePng, pngBomb } from "../../support/sample-media.ts";
import { turnOver } from "../../unit/conversation/turn-over.ts";
import type { FileToSend } from "./driver.ts";
import { longestFile, type Site, says } from "./site.ts";
import { type Play, type Stage, textsOf } from "./stage.ts";

const bytesOf = (content: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(content);
const mp4 = Buffer.concat([
  isoBox("ftyp", Buffer.from("isom\u0000\u0000\u0000\u0001isom", "latin1")),
  isoBox("mdat", Buffer.alloc(64)),
]);

/** A file of every kind, as phones send them. */
const samples: readonly FileToSend[] = [
  { kind: "photo", bytes: bytesOf(makeJpeg(64, 48)), name: "slip.jpg", mimeType: "image/jpeg" },
  { kind: "voice", bytes: bytesOf(makeOpus()), name: "voice.ogg", mimeType: "audio/ogg" },
  { kind: "video", bytes: bytesOf(mp4), name: "site.mp4", mimeType: "video/mp4" },
  {
    kind: "file",
    bytes: bytesOf(Buffer.from("%PDF-1.7\n1 0 obj\n<<>>\nendobj\n")),
    name: "合同.pdf",
    mimeType: "application/pdf",
  },
  { kind: "sticker", bytes: bytesOf(makePng(16, 16)), name: "sticker.png", mimeType: "image/png" },
];
const sampleOf = (kind: AttachmentKind) => samples.find((one) => one.kind === kind) as FileToSend;

const attachmentsIn = ({ turns }: Site): Attachment[] =>
  turns.flatMap(({ messages }) => messages.flatMap(({ attachments = [] }) => attachments));

/** Waits for the only attachment of the only turn. */
async function received({ site }: Play): Promise<Attachment> {
  await expect.poll(() => attachmentsIn(site).length, { timeout: 25_000 }).toBe(1);
  return attachmentsIn(site)[0] as Attachment;
}

/** What is sent beside text: kept with hash, size and type, or refused politely. */
export function attachmentCases({ subject, play }: Stage): void {
  const receives = (kind: AttachmentKind) => subject.can.receives.includes(kind);
  const answered = () => says("收到");

  describe("what is sent beside text", () => {
    for (const sample of samples) {
      it.skipIf(!receives(sample.kind))(`a ${sample.kind} is kept with its hash, size and type`, async () => {
        const game = await play(answered);
        expect(await game.driver.sendFile?.(sample)).toEqual({});
        const kept = await received(game);
        const hash = createHash("sha256").update(sample.bytes).digest("hex");
        expect(kept).toMatchObject({ kind: sample.kind, state: "stored", hash, size: sample.bytes.length });
        expect(kept.mimeType).toBe(sample.mimeType);
        const file = await game.site.files.open(kept.id);
        expect(file === undefined ? undefined : bytesOf(await buffer(file))).toEqual(sample.bytes);
        await game.seen(1);
      });
    }

    it.skipIf(!receives("location"))("a location is kept with its coordinates", async () => {
      const game = await play(answered);
      await game.driver.sendLocation?.({ latitude: 29.56, longitude: 106.55 });
      const { kind, state, location } = await received(game);
      expect({ kind, state }).toEqual({ kind: "location", state: "stored" });
      expect(location?.latitude).toBeCloseTo(29.56);
      expect(location?.longitude).toBeCloseTo(106.55);
    });

    it.skipIf(!receives("photo"))("a photo gets a line that it is kept, without its hash", async () => {
      const { driver, seen } = await play(turnOver("finds").turn);
      await driver.sendFile?.(sampleOf("photo"));
      const texts = textsOf(await seen(subject.showsNotice ? 2 : 1)).join("\n");
      expect(texts).toContain("照片收到了，已经替您存好");
      expect(texts).not.toMatch(/[0-9a-f]{32}/u);
    });

    it.skipIf(!receives("voice"))("a voice that nobody can hear here gets a polite line", async () => {
      const { driver, seen } = await play(turnOver("finds").turn);
      await driver.sendFile?.(sampleOf("voice"));
      const texts = textsOf(await seen(subject.showsNotice ? 2 : 1)).join("\n");
      expect(texts).toMatch(/没能听懂.*打字.*12351/u);
    });

    it.skipIf(!receives("sticker"))("a sticker gets a kind line", async () => {
      const { driver, seen } = await play(turnOver("finds").turn);
      await driver.sendFile?.(sampleOf("sticker"));
      expect(textsOf(await seen(subject.showsNotice ? 2 : 1)).join("\n")).toContain("表情");
    });

    for (const [name, file, reason] of refusedFiles) {
      it.skipIf(!receives(file.kind))(`${name} is not kept, and the contact is told why`, async () => {
        const game = await play(turnOver("finds").turn);
        const { refused } = (await game.driver.sendFile?.(file)) ?? {};
        const { rows } = await refusedRows(game, refused);
        expect(rows).not.toContain("stored");
        if (refused !== undefined) return;
        const { state, reason: told } = await received(game);
        expect(state).toBe("refused");
        expect(told).toMatch(reason);
        expect(textsOf(await game.seen(subject.showsNotice ? 2 : 1)).join("\n")).toMatch(
          /您发的(?:照片|文件)/u,
        );
      });
    }

    it("what it cannot receive it does not declare", async () => {
      const { driver } = await play(answered);
      expect(driver.sendFile !== undefined).toBe(receives("photo"));
      expect(driver.sendLocation !== undefined).toBe(receives("location"));
    });
  });
}

const refusedFiles: readonly (readonly [string, FileToSend, RegExp])[] = [
  [
    "a file that is announced as larger than is kept",
    { ...sampleOf("file"), announcedSize: longestFile + 1 },
    /^too_large$/,
  ],
  ["a picture of billions of pixels", { ...sampleOf("photo"), bytes: bytesOf(pngBomb) }, /^too_many_pixels$/],
  [
    "a program",
    {
      ...sampleOf("file"),
      name: "工资表.exe",
      bytes: bytesOf(Buffer.from("MZ\u0090\u0000\u0003", "latin1")),
    },
    /^harmful$/,
  ],
  // Some platforms deliver nothing at all where there is nothing.
  ["an empty file", { ...sampleOf("file"), bytes: new Uint8Array(0) }, /^(?:empty|gone|timeout)$/],
];

/** The states of all attachments, once the turn has seen them or the way in has refused them. */
async function refusedRows({ site }: Play, refused: string | undefined): Promise<{ rows: string[] }> {
  if (refused === undefined)
    await expect.poll(() => attachmentsIn(site).length, { timeout: 25_000 }).toBeGreaterThan(0);
  const rows = await site.database.db.selectFrom("attachments").select("state").execute();
  return { rows: rows.map(({ state }) => state) };
}
