import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { FileStore } from "../../../src/messaging/file-store.ts";
import { createFolderFiles } from "../../../src/storage/file-folder.ts";
import { createS3Files } from "../../../src/storage/s3-files.ts";
import { temporaryFolder } from "../../support/knowledge-folder.ts";
import { S3Server } from "../../support/s3-server.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function* pieces(...given: readonly (Uint8Array | string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const piece of given) {
    if (piece instanceof Error) throw piece;
    yield Buffer.from(piece);
  }
}

/** Zeros without end; `taken` counts what was asked for. */
function endless(pieceSize: number) {
  const counter = { taken: 0, ended: false };
  async function* content(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        counter.taken += pieceSize;
        yield new Uint8Array(pieceSize);
      }
    } finally {
      counter.ended = true;
    }
  }
  return { counter, content };
}

async function textOf(files: FileStore, id: string): Promise<string | undefined> {
  const stream = await files.open(id);
  return stream === undefined ? undefined : (await buffer(stream)).toString();
}

/** Every file below a folder, by its path from there. */
async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}

const server = new S3Server();
let bucketUrl: string;
let spool: string;
beforeAll(async () => {
  bucketUrl = await server.start();
  spool = await mkdtemp(join(tmpdir(), "niangjia-test-"));
});
afterAll(async () => {
  await server.stop();
  await rm(spool, { recursive: true, force: true });
});
beforeEach(() => {
  server.objects.clear();
  server.requests.length = 0;
  server.next.length = 0;
  server.clockAhead = 0;
});

const bucket = (more: Partial<Parameters<typeof createS3Files>[0]> = {}) =>
  createS3Files({
    url: bucketUrl,
    accessKey: server.accessKey,
    secretKey: server.secretKey,
    spoolFolder: spool,
    retryMs: 1,
    ...more,
  });

interface OpenStore {
  readonly files: FileStore;
  /** Everything that lies in the store or on its way there. */
  content(): Promise<string[]>;
}

async function openFolder(): Promise<OpenStore> {
  const root = join(await temporaryFolder(), "files");
  return { files: await createFolderFiles(root), content: () => filesBelow(root) };
}

async function openBucket(): Promise<OpenStore> {
  return { files: bucket(), content: async () => [...server.objects.keys(), ...(await filesBelow(spool))] };
}

describe.each([
  ["a folder", openFolder],
  ["an S3 bucket", openBucket],
] as const)("files in %s", (_name, open) => {
  let files: FileStore;
  let content: () => Promise<string[]>;
  beforeEach(async () => {
    ({ files, content } = await open());
  });

  it("what was saved is read again, with its size and hash", async () => {
    const kept = await files.save("id-1", pieces("工资", "条"), 100);
    expect(kept).toEqual({ size: 9, hash: sha256(Buffer.from("工资条")) });
    expect(await textOf(files, "id-1")).toBe("工资条");
  });

  it("a file without bytes is a file", async () => {
    expect(await files.save("empty", pieces(), 0)).toEqual({ size: 0, hash: sha256(new Uint8Array(0)) });
    expect(await textOf(files, "empty")).toBe("");
  });

  it("a megabyte in odd pieces comes back byte for byte", async () => {
    const bytes = Buffer.alloc(1_000_003, "工会abc");
    const cut = [0, 1, 70_000, 70_001, 555_555, bytes.length];
    const given = cut.slice(1).map((end, index) => bytes.subarray(cut[index], end));
    expect(await files.save("large", pieces(...given), bytes.length)).toEqual({
      size: bytes.length,
      hash: sha256(bytes),
    });
    const stream = await files.open("large");
    expect(stream && sha256(await buffer(stream))).toBe(sha256(bytes));
  });

  it("the same id again replaces the file", async () => {
    await files.save("id-1", pieces("first, longer"), 100);
    await files.save("id-1", pieces("second"), 100);
    expect(await textOf(files, "id-1")).toBe("second");
  });

  it("saving one id twice at once leaves one of both, whole", async () => {
    const contents = ["a".repeat(50_000), "b".repeat(50_000)];
    await Promise.all(contents.map((text) => files.save("id-1", pieces(text), 100_000)));
    expect(contents).toContain(await textOf(files, "id-1"));
    expect(await content()).toHaveLength(1);
  });

  it("an unknown id opens nothing, and removing it is no error", async () => {
    expect(await files.open("nobody")).toBeUndefined();
    await files.remove(["nobody"]);
  });

  it("removed files are gone, others stay", async () => {
    for (const id of ["a", "b", "c"]) await files.save(id, pieces(id), 10);
    await files.remove(["a", "nobody", "c"]);
    expect(await Promise.all(["a", "b", "c"].map((id) => textOf(files, id)))).toEqual([
      undefined,
      "b",
      undefined,
    ]);
  });

  it("as many bytes as are allowed are kept, one more is refused and nothing is left", async () => {
    await files.save("fits", pieces("12345"), 5);
    await expect(files.save("too-large", pieces("12345", "6"), 5)).rejects.toMatchObject({
      code: "files.too_large",
    });
    expect(await files.open("too-large")).toBeUndefined();
    expect(await content()).toHaveLength(1);
  });

  it("content without end is read no further than the limit and then let go", async () => {
    const { counter, content: zeros } = endless(1_000);
    await expect(files.save("endless", zeros(), 10_000)).rejects.toMatchObject({ code: "files.too_large" });
    expect(counter).toEqual({ taken: 11_000, ended: true });
    expect(await content()).toEqual([]);
  });

  it("content that breaks passes its own error on and leaves the former file", async () => {
    await files.save("id-1", pieces("before"), 100);
    const broken = new Error("the platform hung up");
    await expect(files.save("id-1", pieces("half", broken), 100)).rejects.toBe(broken);
    expect(await textOf(files, "id-1")).toBe("before");
    expect(await content()).toHaveLength(1);
  });

  it.each(["../outside", "a/b", "..", ".", "", "a\u0000b", "/etc/passwd", "C:\\x", "x".repeat(129), "ä"])(
    "the id %j names no file",
    async (id) => {
      await expect(files.save(id, pieces("x"), 10)).rejects.toMatchObject({ code: "files.unavailable" });
      expect(await files.open(id)).toBeUndefined();
      await files.remove([id]);
      expect(await content()).toEqual([]);
    },
  );
});

describe("the folder", () => {
  it("lies in two levels, readable by its owner only", async () => {
    const root = join(await temporaryFolder(), "files");
    const files = await createFolderFiles(root);
    await files.save("id-1", pieces("x"), 10);
    const [path = ""] = await filesBelow(root);
    expect(path).toMatch(/^[0-9a-f]{2}\/[0-9a-f]{2}\/id-1$/);
    const modes = [root, join(root, path.slice(0, 2)), join(root, path.slice(0, 5)), join(root, path)].map(
      async (place) => ((await stat(place)).mode & 0o777).toString(8),
    );
    expect(await Promise.all(modes)).toEqual(["700", "700", "700", "600"]);
  });

  it("what a killed process left half written is gone after the next start, whole files stay", async () => {
    const root = join(await temporaryFolder(), "files");
    await (await createFolderFiles(root)).save("whole", pieces("x"), 10);
    await writeFile(join(root, "partial", "left"), "half of a pay sl");
    const again = await createFolderFiles(root);
    expect(await filesBelow(root)).toHaveLength(1);
    expect(await textOf(again, "whole")).toBe("x");
  });

  it("a place that is no folder is named, with what to do", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "files"), "");
    await expect(createFolderFiles(join(folder, "files"))).rejects.toMatchObject({
      code: "files.unavailable",
      message: expect.stringContaining("Check its rights"),
    });
  });
});

describe("the bucket", () => {
  it("a prefix and a slash at the end belong to the address", async () => {
    const files = bucket({ url: `${bucketUrl}/contacts/files/` });
    await files.save("id-1", pieces("x"), 10);
    expect([...server.objects.keys()]).toEqual(["contacts/files/id-1"]);
    expect(await textOf(files, "id-1")).toBe("x");
  });

  it("is tried without leaving anything behind", async () => {
    await bucket().check();
    expect(server.requests.map(({ method, status }) => [method, status])).toEqual([
      ["PUT", 200],
      ["DELETE", 204],
    ]);
    expect(server.objects.size).toBe(0);
  });

  it.each(["500", "503", "drop"] as const)("%s twice is overcome, for every method", async (fault) => {
    const files = bucket();
    server.next.push(fault, fault);
    await files.save("id-1", pieces("工资条"), 100);
    server.next.push(fault, fault);
    expect(await textOf(files, "id-1")).toBe("工资条");
    server.next.push(fault, fault);
    await files.remove(["id-1"]);
    expect(server.objects.size).toBe(0);
    expect(server.requests).toHaveLength(9);
  });

  it("a third failure is the end", async () => {
    server.next.push("500", "500", "500", "500");
    await expect(bucket().save("id-1", pieces("x"), 10)).rejects.toMatchObject({
      code: "files.unavailable",
      message: expect.stringContaining("HTTP 500"),
    });
    expect(server.requests).toHaveLength(3);
  });

  it("a bucket that never answers is given up", async () => {
    server.next.push("hang", "hang", "hang");
    await expect(bucket({ timeoutMs: 30 }).open("id-1")).rejects.toMatchObject({
      code: "files.unavailable",
      message: expect.stringContaining("no answer within 30 ms"),
    });
  });

  it.each(["cut", "stall"] as const)(
    "a download that is %s in the middle fails and gives no half file",
    async (fault) => {
      const files = bucket({ timeoutMs: 50 });
      await files.save("id-1", pieces("x".repeat(200_000)), 200_000);
      server.next.push(fault);
      const stream = await files.open("id-1");
      await expect(stream && buffer(stream)).rejects.toMatchObject({ code: "files.unavailable" });
    },
  );

  it.each([
    ["a wrong secret", { secretKey: "wrong" }, "Check FILES_SECRET_KEY"],
    ["an unknown key", { accessKey: "wrong" }, "Check FILES_ACCESS_KEY"],
    ["another region", { region: "eu-west-1" }, "another region"],
  ])("%s is named at the first request", async (_what, wrong, hint) => {
    const files = bucket(wrong);
    for (const attempt of [() => files.check(), () => files.open("id-1"), () => files.remove(["id-1"])]) {
      await expect(attempt()).rejects.toMatchObject({
        code: "files.unavailable",
        message: expect.stringContaining(hint),
      });
    }
    expect(server.requests).toHaveLength(3);
  });

  it("clocks that differ are named", async () => {
    server.clockAhead = 3_600_000;
    await expect(bucket().check()).rejects.toThrow(/clock/);
  });

  it("a bucket that does not exist is no missing file", async () => {
    const files = bucket({ url: bucketUrl.replace("niangjia", "nobody") });
    await expect(files.open("id-1")).rejects.toThrow(/Make the bucket/);
    await expect(files.save("id-1", pieces("x"), 10)).rejects.toThrow(/Make the bucket/);
  });

  it("nobody there is said with the address and without the keys", async () => {
    const error = await bucket({ url: "http://127.0.0.1:9/niangjia" })
      .open("id-1")
      .catch((thrown: Error) => thrown);
    expect(String(error)).toMatch(/http:\/\/127\.0\.0\.1:9\/niangjia .*FILES_URL/);
    expect(String(error)).not.toContain(server.secretKey);
  });

  it.each([
    [{ url: "https://minio.example.cn" }, /must name a bucket/],
    [{ url: "https://minio.example.cn/niangjia?x=1" }, /must name a bucket/],
    [{ accessKey: undefined }, /FILES_ACCESS_KEY/],
    [{ secretKey: undefined }, /FILES_SECRET_KEY/],
  ])("settings %j are refused before anything is sent", (wrong, message) => {
    expect(() => bucket(wrong)).toThrow(message);
  });

  it("what a killed process left on its way is removed, and nothing else", async () => {
    const spoolFolder = await temporaryFolder();
    await mkdir(join(spoolFolder, "partial"));
    await writeFile(join(spoolFolder, "partial", "left"), "half of a pay sl");
    await writeFile(join(spoolFolder, "kept"), "from before there was a bucket");
    await bucket({ spoolFolder }).save("id-1", pieces("x"), 10);
    expect(await filesBelow(spoolFolder)).toEqual(["kept"]);
  });
});
