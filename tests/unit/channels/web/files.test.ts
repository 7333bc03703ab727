import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";
import { text as readText } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRateLimiter } from "../../../../src/http/rate-limiter.ts";
import {
  failureOf,
  type MemoryService,
  openVisitor,
  startMemoryService,
  type Visitor,
} from "./memory-service.ts";

const patiently = { timeout: 8_000 };
const longest = 300_000;
let service: MemoryService;
let visitor: Visitor;

beforeAll(async () => {
  service = await startMemoryService({ channel: { longestFile: longest } });
  visitor = await openVisitor(service.url);
});

afterAll(() => service.server.stop(0));

/** Bytes that begin as a type does. */
function file(first: number, length = 10): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(randomBytes(length));
  bytes[0] = first;
  return bytes;
}
const jpeg = (length?: number) => file(255, length);

interface Kept {
  readonly id: string;
  readonly hash: string;
  readonly size: number;
}
const keep = async (...args: Parameters<Visitor["upload"]>) =>
  (await (await visitor.upload(...args)).json()) as Kept;

/** Sends pieces without saying how many; resolves to the answer, or to nothing where the connection was cut. */
async function sendChunked(pieces: readonly Uint8Array[], options: { end: boolean }, headers: object = {}) {
  const answered = Promise.withResolvers<string | undefined>();
  const upload = request(new URL("/api/files?kind=photo", service.url), {
    method: "POST",
    headers: { authorization: visitor.authorization, ...headers },
  });
  upload.on("error", () => answered.resolve(undefined));
  upload.on("response", (response) => {
    readText(response).then(
      (body) => answered.resolve(`${response.statusCode} ${body}`),
      () => answered.resolve(undefined),
    );
  });
  for (const piece of pieces) upload.write(piece);
  if (options.end) upload.end();
  const answer = await answered.promise;
  upload.destroy();
  return answer;
}

describe("an upload", () => {
  it("is kept as it came, with its hash, its size and the type that its bytes show", async () => {
    const bytes = jpeg(longest);
    const response = await visitor.upload(bytes, "photo", {
      "content-type": "text/html",
      "x-file-name": encodeURIComponent("工资条 3月.jpg"),
    });
    expect(response.status).toBe(201);
    const kept = (await response.json()) as Kept;
    expect(kept).toEqual({
      id: expect.any(String),
      hash: createHash("sha256").update(bytes).digest("hex"),
      size: longest,
    });
    expect(service.files.kept.get(kept.id)?.equals(bytes)).toBe(true);
    expect(await service.uploads.find(visitor.conversationId, kept.id)).toMatchObject({
      kind: "photo",
      state: "stored",
      mimeType: "image/jpeg",
      name: "工资条 3月.jpg",
    });
  });

  it("may come without saying its length", async () => {
    const answer = await sendChunked([jpeg(100_000), file(1, 100_000), file(2, 90_000)], { end: true });
    expect(answer).toMatch(/^201 .*"size":290000/);
  });

  it.each([
    ["holds a program", 77, "http.unsupported_media_type", "不安全"],
    ["is of no known kind", 0, "http.unsupported_media_type", "打不开"],
    ["is a picture of a billion pixels", 137, "files.too_large", "图片的尺寸太大"],
  ])("that %s is refused in plain words, and nothing is kept", async (_name, first, code, line) => {
    const before = [service.files.kept.size, service.uploads.all.length];
    const failure = await failureOf(await visitor.upload(file(first, longest)));
    expect(failure).toMatchObject({ code });
    expect(failure.message).toContain(line);
    expect([service.files.kept.size, service.uploads.all.length]).toEqual(before);
  });

  it("that is empty is refused", async () => {
    expect(await failureOf(await visitor.upload(new Uint8Array()))).toMatchObject({
      status: 415,
      message: "这个文件是空的，请换一个。",
    });
    expect(await sendChunked([], { end: true })).toMatch(/^415 /);
  });

  it("of two gigabytes is refused before it is read", async () => {
    const answer = await sendChunked([jpeg()], { end: false }, { "content-length": String(2 * 1024 ** 3) });
    expect(answer).toMatch(/^413 .*files\.too_large/);
  });

  it("that turns out longer than allowed is refused and leaves nothing", async () => {
    const before = [service.files.kept.size, service.uploads.all.length];
    const answer = await sendChunked([jpeg(longest), file(1, 1)], { end: true });
    expect(answer).toMatch(/^413 .*files\.too_large/);
    expect([service.files.kept.size, service.uploads.all.length]).toEqual(before);
  });

  it("that stays silent is given up", async () => {
    const strict = await startMemoryService({ channel: { uploadSilenceMs: 20 } });
    const own = await openVisitor(strict.url);
    const silent = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(jpeg()) });
    const response = await fetch(`${strict.url}/api/files?kind=photo`, {
      method: "POST",
      headers: { authorization: own.authorization },
      body: silent,
      duplex: "half",
    });
    expect(await failureOf(response)).toMatchObject({ status: 400, message: "文件没有传完，请再传一次。" });
    expect(strict.uploads.all).toEqual([]);
    await strict.server.stop(0);
  });

  it("whose sender goes away leaves nothing", async () => {
    const before = service.files.kept.size;
    const gone = new AbortController();
    const half = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(jpeg(290_000)),
      pull: () => gone.abort(),
    });
    await expect(
      fetch(`${service.url}/api/files?kind=photo`, {
        method: "POST",
        headers: { authorization: visitor.authorization },
        body: half,
        duplex: "half",
        signal: gone.signal,
      }),
    ).rejects.toThrow();
    await expect
      .poll(() => service.uploads.all.filter(({ state }) => state === "announced"), patiently)
      .toEqual([]);
    expect(service.files.kept.size).toBe(before);
  });

  it("of a conversation that is deleted meanwhile ends with that", async () => {
    const own = await openVisitor(service.url);
    service.uploads.beforeStored = () => service.uploads.clear();
    expect(await failureOf(await own.upload(jpeg()))).toMatchObject({ status: 401 });
    service.uploads.beforeStored = undefined;
  });

  it.each(["", "location", "sticker", "photo,voice"])("of the kind '%s' is a bad request", async (kind) => {
    expect((await visitor.upload(jpeg(), kind)).status).toBe(400);
  });

  it("by nobody, or with a name that is no text, is refused", async () => {
    const response = await fetch(`${service.url}/api/files?kind=photo`, { method: "POST", body: jpeg() });
    expect(await failureOf(response)).toMatchObject({ status: 401 });
    expect((await visitor.upload(jpeg(), "photo", { "x-file-name": "%E0%A4%A" })).status).toBe(400);
    expect((await visitor.upload(jpeg(), "photo", { "x-file-name": "a".repeat(1_001) })).status).toBe(400);
  });

  it("is limited in number by visitor, with when to go on", async () => {
    const strict = await startMemoryService({
      channel: { uploadLimit: createRateLimiter({ perMinute: 2 }) },
    });
    const [loud, quiet] = [await openVisitor(strict.url), await openVisitor(strict.url)];
    expect([(await loud.upload(jpeg())).status, (await loud.upload(jpeg())).status]).toEqual([201, 201]);
    const refused = await loud.upload(jpeg());
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await quiet.upload(jpeg())).status).toBe(201);
    await strict.server.stop(0);
  });

  it("is limited in number at the same time, and a place that is free again is given", async () => {
    const strict = await startMemoryService({ channel: { uploadsAtOnce: 1 } });
    const [slow, other] = [await openVisitor(strict.url), await openVisitor(strict.url)];
    let finish = () => {};
    const uploading = fetch(`${strict.url}/api/files?kind=photo`, {
      method: "POST",
      headers: { authorization: slow.authorization },
      body: new ReadableStream<Uint8Array>({
        start: (controller) => {
          controller.enqueue(jpeg());
          finish = () => controller.close();
        },
      }),
      duplex: "half",
    });
    await expect.poll(() => strict.uploads.all.length, patiently).toBe(1);
    expect((await other.upload(jpeg())).status).toBe(429);
    finish();
    expect((await uploading).status).toBe(201);
    expect((await other.upload(jpeg())).status).toBe(201);
    await strict.server.stop(0);
  });

  it("leaves neither name nor content in the log", async () => {
    await keep(jpeg(), "photo", { "x-file-name": "SECRET-name.jpg" });
    expect(service.log.join("")).not.toContain("SECRET");
  });
});

describe("a kept file", () => {
  it("comes back whole, as a download that no browser runs", async () => {
    const bytes = jpeg(longest);
    const { id } = await keep(bytes, "photo", { "x-file-name": encodeURIComponent("it's (1)*.jpg") });
    const response = await visitor.get(`/api/files/${id}`);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "image/jpeg",
      "content-length": String(longest),
      "content-disposition": "attachment; filename*=UTF-8''it%27s%20%281%29.jpg",
      "content-security-policy": "default-src 'none'; sandbox",
      "x-content-type-options": "nosniff",
      "cache-control": "private, no-store",
    });
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
  });

  it("is bytes to a browser where it is no plain picture", async () => {
    const { id } = await keep(file(37), "file");
    expect((await visitor.get(`/api/files/${id}`)).headers.get("content-type")).toBe(
      "application/octet-stream",
    );
  });

  it("is shown to nobody else, not even that it is there", async () => {
    const { id } = await keep(jpeg());
    const stranger = await openVisitor(service.url);
    const [foreign, unknown] = [
      await stranger.get(`/api/files/${id}`),
      await stranger.get("/api/files/unknown"),
    ];
    expect([foreign.status, await foreign.text()]).toEqual([unknown.status, await unknown.text()]);
    expect(foreign.status).toBe(404);
    expect((await fetch(`${service.url}/api/files/${id}`)).status).toBe(401);
  });

  it("that is not there any more is said so", async () => {
    const { id } = await keep(jpeg());
    await service.files.remove([id]);
    expect(await failureOf(await visitor.get(`/api/files/${id}`))).toMatchObject({
      status: 404,
      code: "files.gone",
    });
  });

  it("answers HEAD without being opened", async () => {
    const { id } = await keep(jpeg());
    await service.files.remove([id]);
    const response = await fetch(`${service.url}/api/files/${id}`, {
      method: "HEAD",
      headers: { authorization: visitor.authorization },
    });
    expect([response.status, response.headers.get("content-length")]).toEqual([200, "10"]);
  });

  it.each(["../secret", "%2e%2e%2fsecret", "a".repeat(65), "a b"])(
    "cannot be asked for as %s",
    async (id) => {
      expect([400, 404]).toContain((await visitor.get(`/api/files/${id}`)).status);
    },
  );
});
