import { PassThrough, Readable } from "node:stream";
import { expect, test } from "vitest";
import { keepFile as keepLookedAt } from "../../../../src/attachments/keep-file.ts";
import { type KeepContent, keepFile, type WechatFile } from "../../../../src/channels/wechat/keep-file.ts";
import { AppError } from "../../../../src/errors.ts";
import { MemoryFiles, sha256, until } from "../../../support/wechat/recording-ports.ts";

const fileOf = (bytes: Buffer, more: Partial<WechatFile> = {}): WechatFile => ({
  name: "a.jpg",
  size: bytes.length,
  mediaType: "image/jpeg",
  toStream: async () => Readable.from([bytes]),
  ...more,
});

const partsWith = (files = new MemoryFiles()) => ({ files, newId: () => "f1", longestFile: 10, fileMs: 50 });

test("bytes are kept under a new id", async () => {
  const parts = partsWith();
  const bytes = Buffer.from("12345");
  expect(await keepFile("photo", async () => fileOf(bytes), parts)).toEqual({
    name: "a.jpg",
    mimeType: "image/jpeg",
    size: 5,
    stored: { id: "f1", hash: sha256(bytes), size: 5 },
  });
  expect(parts.files.kept.get("f1")).toEqual(bytes);
});

test("a file of an unknown size is read up to the limit and no further", async () => {
  const parts = partsWith();
  const endless = new PassThrough();
  endless.write(Buffer.alloc(11));
  const kept = await keepFile(
    "photo",
    async () => fileOf(Buffer.alloc(0), { size: -1, toStream: async () => endless }),
    parts,
  );
  expect(kept).toMatchObject({ refused: "too_large" });
  expect(endless.destroyed).toBe(true);
  expect(parts.files.kept.size).toBe(0);
});

test("a file that stops in the middle is given up and its stream closed", async () => {
  const parts = partsWith();
  const stuck = new PassThrough();
  stuck.write("begin");
  const kept = await keepFile(
    "photo",
    async () => fileOf(Buffer.alloc(5), { toStream: async () => stuck }),
    parts,
  );
  expect(kept).toEqual({ name: "a.jpg", mimeType: "image/jpeg", size: 5, refused: "timeout" });
  await until("the end of the stream", () => stuck.destroyed);
  expect(parts.files.kept.size).toBe(0);
});

test("an empty file is refused and does not stay", async () => {
  const parts = partsWith();
  expect(await keepFile("photo", async () => fileOf(Buffer.alloc(0)), parts)).toMatchObject({
    refused: "empty",
  });
  expect(parts.files.kept.size).toBe(0);
});

test("a store that is away is told apart from a file that is gone", async () => {
  const away = new MemoryFiles();
  away.save = () => Promise.reject(new AppError("files.unavailable", "away"));
  expect(await keepFile("photo", async () => fileOf(Buffer.from("1")), partsWith(away))).toMatchObject({
    refused: "unavailable",
  });
  const gone = () => Promise.reject(new Error("gone"));
  expect(await keepFile("photo", gone, partsWith())).toEqual({ refused: "gone" });
});

test("content that must not be kept is refused with its reason, and a kept one has its true type", async () => {
  const files = new MemoryFiles();
  const keepContent: KeepContent = (file, content, mostBytes) =>
    keepLookedAt(files, file, content, mostBytes);
  const parts = { files, newId: () => "f1", longestFile: 10_000, fileMs: 5_000, keepContent };
  const program = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(200)]);
  expect(await keepFile("photo", async () => fileOf(program), parts)).toMatchObject({ refused: "harmful" });
  expect(files.kept.size).toBe(0);
  const text = fileOf(Buffer.from("工资条：三月未发"), { name: "a.txt", mediaType: "application/x-wrong" });
  expect(await keepFile("file", async () => text, parts)).toMatchObject({
    mimeType: "text/plain",
    stored: { id: "f1" },
  });
});
