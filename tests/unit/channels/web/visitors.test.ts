import { sign } from "hono/jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { failureOf, type MemoryService, openVisitor, startMemoryService } from "./memory-service.ts";

const secret = "a shared secret of more than 32 characters";
const identity = (payload: object = {}, key = secret) =>
  sign(
    { sub: "worker-7", exp: Math.floor(Date.now() / 1_000) + 600, aud: "niangjia", ...payload },
    key,
    "HS256",
  );

let service: MemoryService;

beforeAll(async () => {
  service = await startMemoryService({ channel: { identityKey: secret } });
});

afterAll(() => service.server.stop(0));

const begin = (body: string | undefined, type?: string, url = service.url) =>
  fetch(`${url}/api/visitors`, {
    method: "POST",
    ...(body === undefined ? {} : { body }),
    ...(type === undefined ? {} : { headers: { "content-type": type } }),
  });

describe("a visitor", () => {
  it.each([
    ["no body", undefined, undefined],
    ["no body and a content type", undefined, "application/json"],
    ["no body and another content type", undefined, "text/plain"],
    ["an empty body", "", "application/json"],
    ["an empty object", "{}", "application/json"],
    ["fields of a later version", '{"later":1}', "application/json"],
  ])("begins with %s", async (_name, body, type) => {
    const response = await begin(body, type);
    expect(response.status).toBe(201);
    const { token, conversationId } = (await response.json()) as Record<string, string>;
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(service.conversations.find(conversationId ?? "")).not.toHaveProperty("origin");
  });

  it("keeps the door through which they came", async () => {
    const { conversationId } = await openVisitor(service.url, { from: "yubei_station-3" });
    expect(service.conversations.find(conversationId)).toMatchObject({
      channel: "web",
      origin: "yubei_station-3",
    });
  });

  it.each([
    '{"from":"../x"}',
    `{"from":"${"a".repeat(65)}"}`,
    '{"from":""}',
    '{"from":7}',
    '{"from":null}',
    '{"identity":""}',
    '{"identity":{}}',
    `{"identity":"${"a".repeat(4_097)}"}`,
    "[]",
    "null",
    '"x"',
  ])("of the form %s is a bad request", async (body) => {
    const before = service.conversations.ids.length;
    expect(await failureOf(await begin(body, "application/json"))).toMatchObject({
      status: 400,
      code: "http.bad_request",
    });
    expect(service.conversations.ids).toHaveLength(before);
  });
});

describe("a visitor who is logged in elsewhere", () => {
  it("finds the conversation again on another phone, with a token of its own", async () => {
    const first = await openVisitor(service.url, { identity: await identity(), from: "app" });
    await first.say("工资没发");
    const second = await openVisitor(service.url, { identity: await identity({ iat: 1 }) });
    expect(second.conversationId).toBe(first.conversationId);
    expect(second.token).not.toBe(first.token);
    expect(await (await second.get("/api/messages")).json()).toMatchObject({
      messages: [{ text: "工资没发" }],
    });
    expect((await first.get("/api/messages")).status).toBe(200);
    const other = await openVisitor(service.url, { identity: await identity({ sub: "worker-8" }) });
    expect(other.conversationId).not.toBe(first.conversationId);
  });

  it.each([
    ["forged", () => identity({}, "another secret of more than 32 characters")],
    ["expired", () => identity({ exp: 1_000 })],
    ["made for somebody else", () => identity({ aud: "shop" })],
    ["unsigned", async () => (await identity()).replace(/[^.]*$/, "")],
  ])("with an identity that is %s gets a line and no conversation", async (_name, make) => {
    const before = service.conversations.ids.length;
    const failure = await failureOf(
      await begin(JSON.stringify({ identity: await make() }), "application/json"),
    );
    expect(failure).toMatchObject({ status: 401, code: "channel.unverified" });
    expect(failure.message).toContain("重新打开");
    expect(service.conversations.ids).toHaveLength(before);
  });

  it("hears that identities are not set up here", async () => {
    const plain = await startMemoryService();
    const response = await begin(
      JSON.stringify({ identity: await identity() }),
      "application/json",
      plain.url,
    );
    const failure = await failureOf(response);
    expect(failure).toMatchObject({ status: 400, code: "http.bad_request" });
    expect(failure.message).toContain("IDENTITY_KEY");
    await plain.server.stop(0);
  });

  it("leaves no identity in the log", async () => {
    const token = await identity({ sub: "secret-subject" });
    await begin(JSON.stringify({ identity: token }), "application/json");
    await begin(JSON.stringify({ identity: `${token}x` }), "application/json");
    const log = service.log.join("");
    expect(log).toContain("/api/visitors");
    expect(log).not.toContain(token);
    expect(log).not.toContain("secret-subject");
  });
});
