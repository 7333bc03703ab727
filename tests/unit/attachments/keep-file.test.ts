import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { FileRefused } from "../../../src/attachments/file-refused.ts";
import { keepFile, keepOrRefuse } from "../../../src/attachments/keep-file.ts";
import { AppError } from "../../../src/errors.ts";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import { temporaryFolder } from "../../support/knowledge-folder.ts";
import {
  brokenOff,
  endlessPicture,
  htmlAsPhoto,
  inPieces,
  makeJpeg,
  makeOpus,
  pngBomb,
} from "../../support/sample-media.ts";

const photo = makeJpeg(640, 480);
const file = { id: "id-1", kind: "photo" } as const;
let files: FileStore;

beforeEach(async () => {
  files = await createFolderFiles(await temporaryFolder());
});

it("what passes is kept with its type by content", async () => {
  expect(await keepFile(files, file, inPieces(photo, 7), 100_000)).toEqual({
    mimeType: "image/jpeg",
    size: photo.length,
    hash: createHash("sha256").update(photo).digest("hex"),
  });
});

it("a large file is passed on piece by piece behind its head", async () => {
  const sizes: number[] = [];
  const watching: FileStore = {
    ...files,
    save: async (_id, content) => {
      for await (const piece of content) sizes.push(piece.length);
      return { hash: "", size: 0 };
    },
  };
  const voice = Buffer.concat([makeOpus(), Buffer.alloc(1_000_000)]);
  await keepFile(watching, { id: "id-1", kind: "voice" }, inPieces(voice, 10_000), 2_000_000);
  expect(sizes[0]).toBe(70_000);
  expect(Math.max(...sizes.slice(1))).toBe(10_000);
});

describe("what is wrong with a file", () => {
  it.each([
    ["harmful", () => inPieces(htmlAsPhoto)],
    ["too_many_pixels", () => inPieces(pngBomb)],
    ["too_large", () => endlessPicture()],
    ["empty", () => inPieces(Buffer.alloc(0))],
    ["unreadable", () => inPieces(Buffer.from("text"))],
  ])("comes back as %s, and nothing is left", async (refused, content) => {
    expect(await keepOrRefuse(files, file, content(), 100_000)).toEqual({ refused });
    expect(await files.open("id-1")).toBeUndefined();
  });

  it("is thrown where it is asked for so", async () => {
    const kept = keepFile(files, { ...file, name: "照片.exe" }, inPieces(photo), 100_000);
    await expect(kept).rejects.toBeInstanceOf(FileRefused);
    await expect(kept).rejects.toMatchObject({ reason: "harmful" });
  });
});

it("what the content and the store throw is nobody's bad file", async () => {
  const broken = new Error("the visitor went away");
  await expect(keepOrRefuse(files, file, brokenOff(photo, broken), 100_000)).rejects.toBe(broken);
  const away = new AppError("files.unavailable", "The file store does not work.");
  const store: FileStore = { ...files, save: () => Promise.reject(away) };
  await expect(keepOrRefuse(store, file, inPieces(photo), 100_000)).rejects.toBe(away);
});

it("a refused file's source is let go", async () => {
  let isOpen = true;
  const content = (async function* () {
    try {
      for (;;) yield Buffer.from("#!/bin/sh\n".repeat(10_000));
    } finally {
      isOpen = false;
    }
  })();
  await keepOrRefuse(files, file, content, 1_000_000);
  expect(isOpen).toBe(false);
});
