import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Config, readConfig } from "../../../src/config.ts";
import { createRateLimiter } from "../../../src/http/rate-limiter.ts";
import { startServer } from "../../../src/http/server.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { openTemporaryPglite, type TemporaryDatabase } from "../../support/databases.ts";
import { openVisitor, type Service, startService, type Visitor } from "./service.ts";

const limits: Pick<Config, "messagesPerVisitorPerMinute" | "requestsPerAddressPerMinute"> = readConfig({});

let temporary: TemporaryDatabase;
let service: Service;
let visitor: Visitor;

const handler = { handle: async () => ({ replies: [{ sender: "bot", text: "好" } as const] }) };

beforeAll(async () => {
  temporary = await openTemporaryPglite();
  await migrateDatabase(temporary.database.db);
  service = await startService({ database: temporary.database, handler });
  visitor = await openVisitor(service.url);
});

afterAll(async () => {
  await service.stop();
  await temporary.remove();
});

interface Failure {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** The error of a response, which must have the API's form and give nothing away. */
async function failureOf(response: Response): Promise<Failure> {
  const body = await response.text();
  expect(body).not.toMatch(/\.ts|node_modules|at [A-Za-z]+ \(|Error:/);
  const { error } = JSON.parse(body) as { error: { code: string; message: string } };
  expect(error.message).toMatch(/\p{Script=Han}/u);
  expect(error.message).not.toContain("\n");
  return { status: response.status, ...error };
}

async function storedTexts(): Promise<string[]> {
  return (await service.conversations.messagesAfter(visitor.conversationId, 0, 1_000)).map(
    ({ text }) => text,
  );
}

describe("a message", () => {
  it.each([
    ["empty", ""],
    ["blank", " \n\t　 "],
    ["of control characters", "\u0000\u0001\u001b\u007f\u0085"],
    ["of invisible marks", "\u200b\u200d\u2060\ufeff\u202e"],
    ["of undecodable bytes", "\ufffd\ufffd"],
    ["of half an emoji", "\ud83d"],
  ])("that is %s gets a line and is not stored", async (_name, text) => {
    const before = await storedTexts();
    expect(await failureOf(await visitor.say(text))).toEqual({
      status: 422,
      code: "http.empty_message",
      message: "请写下您的问题",
    });
    expect(await storedTexts()).toEqual(before);
  });

  it.each([
    ["emoji only", "😡😡👨‍👩‍👧‍👦", "😡😡👨‍👩‍👧‍👦"],
    ["right to left", "ئىش ھەققىمنى بەرمىدى\u200f؟", "ئىش ھەققىمنى بەرمىدى\u200f؟"],
    ["with turned direction", "老板\u202e欠薪\u2066了", "老板欠薪了"],
    ["with control characters", "a\u0000b\u001b[31mc\r\nd", "ab[31mc\nd"],
    ["of 4000 emoji", "😡".repeat(4_000), "😡".repeat(4_000)],
    ["that looks like code", "<script>alert(1)</script>'; drop table messages;--", undefined],
  ])("%s is stored as text", async (_name, text, stored = text) => {
    expect((await visitor.say(text)).status).toBe(202);
    expect(await storedTexts()).toContain(stored);
  });

  it.each([4_001, 20_000, 100_000])("of %i characters is refused with what to do", async (length) => {
    expect(await failureOf(await visitor.say("长".repeat(length)))).toEqual({
      status: 413,
      code: "http.too_large",
      message: "太长了，请分几条发（每条不超过4000字）",
    });
  });
});

describe("a body", () => {
  it.each([
    ["malformed JSON", '{"clientId": "a", "text": '],
    ["no object", '"hello"'],
    ["null", "null"],
    ["nothing", ""],
    ["no text", '{"clientId":"a"}'],
    ["a text that is none", '{"clientId":"a","text":{"$gt":""}}'],
    ["an id with other characters", '{"clientId":"../a","text":"hi"}'],
    ["an id that is too long", `{"clientId":"${"a".repeat(65)}","text":"hi"}`],
    ["deep nesting", "[".repeat(20_000)],
  ])("with %s is a bad request", async (_name, body) => {
    expect(await failureOf(await visitor.send("/api/messages", body))).toMatchObject({
      status: 400,
      code: "http.bad_request",
    });
  });

  it("in GB18030 is refused instead of being stored as rubbish", async () => {
    const text = Uint8Array.from([
      ...Buffer.from('{"clientId":"gb","text":"'),
      0xb9,
      0xa4,
      0xd7,
      0xca,
      0x22,
      0x7d,
    ]);
    expect(await failureOf(await visitor.send("/api/messages", text))).toMatchObject({ status: 400 });
  });

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
  ])("of type %s is refused", async (type) => {
    const response = await visitor.send("/api/messages", '{"clientId":"a","text":"hi"}', type);
    expect(await failureOf(response)).toMatchObject({ status: 415, code: "http.unsupported_media_type" });
  });

  it("that is binary is refused", async () => {
    const bytes = Uint8Array.from({ length: 4_096 }, (_, i) => (i * 37) % 256);
    expect((await visitor.send("/api/messages", bytes)).status).toBe(400);
    expect((await visitor.send("/api/messages", bytes, "application/octet-stream")).status).toBe(415);
  });

  /** Sends blanks in chunks; resolves to the answer, or `undefined` where the connection was cut. */
  async function sendChunked(length: number) {
    const headers = { authorization: `Bearer ${visitor.token}`, "content-type": "application/json" };
    const chunked = request(new URL("/api/messages", service.url), { method: "POST", headers });
    const answered = Promise.withResolvers<string | undefined>();
    chunked.on("error", () => answered.resolve(undefined));
    chunked.on("response", (response) => {
      readText(response).then((body) => answered.resolve(`${response.statusCode} ${body}`), answered.reject);
    });
    let sent = 0;
    const piece = Buffer.alloc(8_191, " ");
    const pump = () => {
      while (sent < length && !chunked.destroyed) {
        const next = piece.subarray(0, Math.min(piece.length, length - sent));
        sent += next.length;
        if (!chunked.write(next)) {
          chunked.once("drain", pump);
          return;
        }
      }
      chunked.end();
    };
    pump();
    const answer = await answered.promise;
    chunked.destroy();
    return { answer, sent };
  }

  it.each([65_537, 1_000_000])("of %i bytes that does not say its length is refused", async (length) => {
    const { answer } = await sendChunked(length);
    expect(answer).toMatch(/^413 .*http\.too_large/);
  });

  it("without end is cut off", async () => {
    const { sent } = await sendChunked(200_000_000);
    expect(sent).toBeLessThan(32_000_000);
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  });

  it("of exactly 64 kB that does not say its length is read whole", async () => {
    const body = JSON.stringify({ clientId: "chunked", text: "hi", more: "" });
    const whole = body.replace('"more":""', `"more":"${"a".repeat(65_536 - body.length)}"`);
    const stream = new Blob([whole]).stream();
    const response = await fetch(`${service.url}/api/messages`, {
      method: "POST",
      headers: { authorization: `Bearer ${visitor.token}`, "content-type": "application/json" },
      body: stream,
      duplex: "half",
    });
    expect(response.status).toBe(202);
  });

  it("above 64 kB that says its length is refused, and the connection serves on", async () => {
    for (let i = 0; i < 5; i++) {
      const response = await visitor.send(
        "/api/messages",
        `{"clientId":"a","text":"${"长".repeat(100_000)}"}`,
      );
      expect(await failureOf(response)).toMatchObject({ status: 413 });
      expect((await visitor.get("/api/messages")).status).toBe(200);
    }
  });
});

describe("a visitor's token", () => {
  it.each([
    ["missing", undefined],
    ["empty", "Bearer "],
    ["unknown", `Bearer ${"A".repeat(43)}`],
    ["too long", `Bearer ${"A".repeat(5_000)}`],
    ["of another kind", "Basic dXNlcjpwYXNz"],
  ])("that is %s is refused everywhere", async (_name, authorization) => {
    const headers = {
      ...(authorization === undefined ? {} : { authorization }),
      "content-type": "application/json",
    };
    const post = { method: "POST", headers };
    for (const response of [
      await fetch(`${service.url}/api/messages`, { headers }),
      await fetch(`${service.url}/api/events`, { headers }),
      await fetch(`${service.url}/api/messages`, { ...post, body: '{"clientId":"a","text":"hi"}' }),
      await fetch(`${service.url}/api/messages/x/feedback`, { ...post, body: '{"rating":"up"}' }),
    ]) {
      expect(await failureOf(response)).toMatchObject({ status: 401, code: "channel.unknown_visitor" });
    }
  });

  it("of a deleted conversation is unknown", async () => {
    const gone = await openVisitor(service.url);
    const { db } = temporary.database;
    await db.deleteFrom("conversations").where("id", "=", gone.conversationId).execute();
    expect(await failureOf(await gone.say("在吗"))).toMatchObject({ status: 401 });
  });
});

describe("an address", () => {
  it.each(["/api/nothing", "/api/passages/unknown", "/nothing", "/.env", "/assets/../../package.json"])(
    "%s that does not exist gets a line",
    async (path) => {
      expect(await failureOf(await fetch(`${service.url}${path}`))).toMatchObject({
        status: 404,
        code: "http.not_found",
      });
    },
  );

  it.each(["-1", "1.5", "abc", "99999999999999999999", "1;drop"])(
    "with after=%s is a bad request",
    async (after) => {
      const response = await visitor.get(`/api/messages?after=${encodeURIComponent(after)}`);
      expect(await failureOf(response)).toMatchObject({ status: 400 });
    },
  );

  it("with another method than its own is not found, and OPTIONS lets no other site in", async () => {
    expect((await fetch(`${service.url}/api/messages`, { method: "DELETE" })).status).toBe(404);
    const preflight = await fetch(`${service.url}/api/messages`, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
    const head = await fetch(`${service.url}/api/about`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
  });

  it("that is not HTTP at all closes that connection only", async () => {
    const socket = connect(service.server.port, "127.0.0.1");
    socket.end("\u0016\u0003\u0001\u0000\u00ff rubbish\r\n\r\n");
    expect(await readText(socket)).toContain("400");
    expect((await fetch(`${service.url}/healthz`)).status).toBe(200);
  });
});

describe("a flood", () => {
  async function limited() {
    return startService({
      database: temporary.database,
      handler,
      app: { addressLimit: createRateLimiter({ perMinute: limits.requestsPerAddressPerMinute }) },
      channel: { messageLimit: createRateLimiter({ perMinute: limits.messagesPerVisitorPerMinute }) },
    });
  }

  it("from one visitor stops after 30 messages, with when to go on; others are not affected", async () => {
    const { url, stop } = await limited();
    const [loud, quiet] = [await openVisitor(url), await openVisitor(url)];
    const responses = await Promise.all(Array.from({ length: 31 }, () => loud.say("在吗")));
    expect(responses.filter(({ status }) => status === 202)).toHaveLength(30);
    const refused = responses.find(({ status }) => status === 429) as Response;
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(Number(refused.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(await failureOf(refused)).toMatchObject({ code: "http.too_many_requests" });
    expect((await quiet.say("在吗")).status).toBe(202);
    await stop();
  });

  it("from one address stops after 120 requests; the health checks and the page go on", async () => {
    const { url, stop } = await limited();
    const statuses: number[] = [];
    for (let i = 0; i < 121; i++) {
      statuses.push(
        (await fetch(`${url}/api/about`, { headers: { "x-forwarded-for": `10.0.0.${i}` } })).status,
      );
    }
    expect(statuses.slice(0, 120).every((status) => status === 200)).toBe(true);
    expect(statuses[120]).toBe(429);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await stop();
  });
});

describe("the server", () => {
  it("says what to do when its port is taken", async () => {
    const { port } = service.server;
    const app = { fetch: () => new Response("") };
    const second = startServer({ app, host: "127.0.0.1", port, endStreams: () => {} });
    await expect(second).rejects.toMatchObject({
      code: "http.cannot_listen",
      message: expect.stringContaining("PORT"),
    });
  });

  it("lets a request at hand finish when it stops", async () => {
    const [started, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { url, server, stop } = await startService({
      database: temporary.database,
      handler,
      app: {
        findPassage: async () => {
          started.resolve();
          await gate.promise;
          return undefined;
        },
      },
    });
    const response = fetch(`${url}/api/passages/x`);
    await started.promise;
    const stopped = server.stop(60_000);
    gate.resolve();
    expect((await response).status).toBe(404);
    await stopped;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
    await stop();
  });

  it("hides what broke and logs it, without the question", async () => {
    const broken = await startService({
      database: temporary.database,
      handler,
      app: {
        findPassage: async () => {
          throw new Error("column text of /srv/app.ts is broken");
        },
      },
    });
    const id = randomUUID();
    const response = await fetch(`${broken.url}/api/passages/${id}?q=身份证`);
    const requestId = response.headers.get("x-request-id") ?? "none";
    expect(await failureOf(response)).toMatchObject({ status: 500, code: "http.internal" });
    const log = broken.log.join("");
    expect(log).toContain("column text of /srv/app.ts is broken");
    expect(broken.log.filter((line) => line.includes(requestId))).toHaveLength(2);
    expect(log).not.toContain(id);
    expect(decodeURI(log)).not.toContain("身份证");
    await broken.stop();
  });

  it("says that it is unavailable when the database is gone, instead of breaking", async () => {
    const lost = await openTemporaryPglite();
    await migrateDatabase(lost.database.db);
    const orphan = await startService({ database: lost.database, handler });
    const known = await openVisitor(orphan.url);
    await lost.database.close();
    const failure = await failureOf(await known.say("在吗"));
    expect(failure.status).toBeGreaterThanOrEqual(500);
    expect((await fetch(`${orphan.url}/healthz`)).status).toBe(200);
    await orphan.stop();
    await lost.remove();
  });
});
