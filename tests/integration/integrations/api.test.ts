import { randomBytes, randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { errorResponse } from "../../../src/http/error-response.ts";
import { requireJson } from "../../../src/http/middleware/require-json.ts";
import { mountOpenApi } from "../../../src/http/openapi.ts";
import { createRateLimiter } from "../../../src/http/rate-limiter.ts";
import { type RunningServer, startServer } from "../../../src/http/server.ts";
import type { ApiScope } from "../../../src/integrations/api-key.ts";
import { createIntegrationsApi } from "../../../src/integrations/integrations-api.ts";
import { createApiKey, revokeApiKey } from "../../../src/integrations/manage-api-keys.ts";
import { createRequireScope } from "../../../src/integrations/require-scope.ts";
import { createVerifyApiKey } from "../../../src/integrations/verify-api-key.ts";
import type { Lookup } from "../../../src/integrations/webhook-address.ts";
import { SqlApiKeyStore } from "../../../src/storage/api-key-store.ts";
import { SqlConversationList } from "../../../src/storage/conversation-list.ts";
import type { Database } from "../../../src/storage/database.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { insertWebhookEvents } from "../../../src/storage/webhook-events.ts";
import { SqlWebhookStore } from "../../../src/storage/webhook-store.ts";
import { describeOnPglite } from "../../support/databases.ts";
import { openStores } from "../../support/open-stores.ts";
import { insertConversation, insertMessage } from "../../support/sample-conversations.ts";

const lookup: Lookup = async (hostname) => {
  const address = hostname === "metadata.example.cn" ? "169.254.169.254" : "93.184.216.34";
  return [{ address, family: 4 }];
};

describeOnPglite((open) => {
  let database: Database;
  let keys: SqlApiKeyStore;
  let webhooks: SqlWebhookStore;
  let server: RunningServer;
  let clock: number;
  let failing: Error | undefined;
  const keyParts = () => ({ store: keys, newId: randomUUID, randomBytes, now: () => new Date() });

  beforeEach(async () => {
    database = await open();
    const { db } = database;
    clock = 0;
    failing = undefined;
    keys = new SqlApiKeyStore({ db });
    webhooks = new SqlWebhookStore({ db, sealer: createSealer(), newId: randomUUID, now: () => new Date() });
    const { conversations } = openStores(database);
    const list = new SqlConversationList({ db });
    const app = new OpenAPIHono();
    app.onError((error, c) => errorResponse(c, error, { error: () => {} }, "request-1"));
    app.use("/api/*", requireJson());
    createIntegrationsApi({
      list: {
        find: (id) => list.find(id),
        page: async (query) => {
          if (failing !== undefined) throw failing;
          return list.page(query);
        },
      },
      conversations,
      webhooks: { store: webhooks, lookup, allowPrivate: false, randomBytes },
      requireScope: createRequireScope({
        verify: createVerifyApiKey({ store: keys, now: () => clock }),
        limit: createRateLimiter({ perMinute: 20 }),
      }),
    })(app);
    mountOpenApi(app, "1.2.3");
    server = await startServer({ app, host: "127.0.0.1", port: 0, endStreams: () => {} });
  });

  afterEach(() => server.stop(0));

  const makeKey = async (...scopes: ApiScope[]) =>
    (await createApiKey(keyParts(), { name: "test", scopes })).secret;

  const call = async (key: string | undefined, method: string, path: string, body?: unknown) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === "" ? undefined : JSON.parse(text),
    };
  };

  const routes: [ApiScope, string, string, unknown?][] = [
    ["conversations:read", "GET", "/api/v1/conversations"],
    ["conversations:read", "GET", "/api/v1/conversations/c-1"],
    ["messages:read", "GET", "/api/v1/conversations/c-1/messages"],
    ["messages:write", "POST", "/api/v1/conversations/c-1/messages", { text: "您好" }],
    ["webhooks:manage", "GET", "/api/v1/webhooks"],
    [
      "webhooks:manage",
      "POST",
      "/api/v1/webhooks",
      { url: "https://a.example.cn/", events: ["conversation.opened"] },
    ],
    ["webhooks:manage", "PATCH", "/api/v1/webhooks/w-1", { active: false }],
    ["webhooks:manage", "DELETE", "/api/v1/webhooks/w-1"],
    ["webhooks:manage", "GET", "/api/v1/webhooks/w-1/deliveries"],
  ];
  const allScopes = [...new Set(routes.map(([scope]) => scope))];

  describe("a route for other systems", () => {
    it.each(routes)("asks for the scope %s: %s %s", async (scope, method, path, body) => {
      await insertConversation(database, { id: "c-1" });
      const missing = await call(undefined, method, path, body);
      expect(missing).toMatchObject({ status: 401, body: { error: { code: "http.unauthorized" } } });
      expect(missing.headers.get("www-authenticate")).toBe("Bearer");
      const unknown = `nj_${"A".repeat(43)}`;
      expect(await call(unknown, method, path, body)).toMatchObject({ status: 401 });
      const other = await makeKey(...allScopes.filter((candidate) => candidate !== scope));
      expect(await call(other, method, path, body)).toMatchObject({
        status: 403,
        body: { error: { code: "http.forbidden", message: expect.stringContaining(scope) } },
      });
      const right = await makeKey(scope);
      expect([401, 403, 500]).not.toContain((await call(right, method, path, body)).status);
    });

    it("refuses a revoked key within 30 seconds", async () => {
      const { key, secret } = await createApiKey(keyParts(), { name: "a", scopes: ["webhooks:manage"] });
      expect((await call(secret, "GET", "/api/v1/webhooks")).status).toBe(200);
      await revokeApiKey(keyParts(), key.id);
      clock += 29_999;
      expect((await call(secret, "GET", "/api/v1/webhooks")).status).toBe(401);
    });

    it("counts the requests of each key for itself, allowed or not", async () => {
      const greedy = await makeKey("webhooks:manage");
      const modest = await makeKey("webhooks:manage");
      for (let count = 0; count < 20; count++) {
        expect((await call(greedy, "GET", "/api/v1/conversations")).status).toBe(403);
      }
      const limited = await call(greedy, "GET", "/api/v1/webhooks");
      expect(limited).toMatchObject({ status: 429, body: { error: { code: "http.too_many_requests" } } });
      expect(Number(limited.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await call(modest, "GET", "/api/v1/webhooks")).status).toBe(200);
    });

    it("leaves what is not the caller's fault to the service's own answer", async () => {
      const key = await makeKey("conversations:read");
      failing = new AppError("storage.unavailable", "PostgreSQL does not answer.");
      expect(await call(key, "GET", "/api/v1/conversations")).toMatchObject({
        status: 503,
        body: { error: { code: "storage.unavailable" } },
      });
      failing = new Error("geheim");
      const broken = await call(key, "GET", "/api/v1/conversations");
      expect(broken).toMatchObject({ status: 500, body: { error: { code: "http.internal" } } });
      expect(JSON.stringify(broken.body)).not.toContain("geheim");
    });

    it.each([
      ["GET", "/api/v1/conversations?limit=0", "limit"],
      ["GET", "/api/v1/conversations?limit=201", "limit"],
      ["GET", "/api/v1/conversations?cursor=nonsense", "cursor"],
      [
        "GET",
        `/api/v1/conversations?cursor=${Buffer.from('["2026-99-99 00:00:00+00","x"]').toString("base64url")}`,
        "cursor",
      ],
      ["GET", `/api/v1/conversations?cursor=${Buffer.from('["now()","x"]').toString("base64url")}`, "cursor"],
      ["GET", "/api/v1/conversations?updatedSince=yesterday", "updatedSince"],
      ["GET", "/api/v1/conversations/c-1/messages?after=-1", "after"],
      ["GET", "/api/v1/conversations/c-1/messages?after=1e99", "after"],
      ["POST", "/api/v1/conversations/c-1/messages", "text", { text: "   " }],
      ["POST", "/api/v1/conversations/c-1/messages", "text", { text: "字".repeat(4_001) }],
      [
        "POST",
        "/api/v1/conversations/c-1/messages",
        "quickReplies",
        { text: "好", quickReplies: Array(9).fill("好") },
      ],
      ["POST", "/api/v1/webhooks", "events", { url: "https://a.example.cn/", events: ["case.opened"] }],
      ["POST", "/api/v1/webhooks", "events", { url: "https://a.example.cn/", events: [] }],
      ["POST", "/api/v1/webhooks", "url", { url: "http://a.example.cn/", events: ["conversation.opened"] }],
      [
        "POST",
        "/api/v1/webhooks",
        "url",
        { url: "https://metadata.example.cn/", events: ["conversation.opened"] },
      ],
      ["GET", "/api/v1/webhooks/w-1/deliveries?before=0", "before"],
    ])("names what is wrong: %s %s (%s)", async (method, path, fault, body?: unknown) => {
      const key = await makeKey(...allScopes);
      await insertConversation(database, { id: "c-1" });
      expect(await call(key, method, path, body)).toMatchObject({
        status: 400,
        body: { error: { code: "http.bad_request", message: expect.stringContaining(fault) } },
      });
    });

    it.each([
      ["GET", "/api/v1/conversations/none"],
      ["GET", "/api/v1/conversations/none/messages"],
      ["POST", "/api/v1/conversations/none/messages", { text: "您好" }],
      ["PATCH", "/api/v1/webhooks/none", { active: true }],
      ["DELETE", "/api/v1/webhooks/none"],
      ["GET", "/api/v1/webhooks/none/deliveries"],
    ])("does not find what is not there: %s %s", async (method, path, body?: unknown) => {
      const key = await makeKey(...allScopes);
      expect(await call(key, method, path, body)).toMatchObject({
        status: 404,
        body: { error: { code: "http.not_found" } },
      });
    });
  });

  describe("conversations", () => {
    it("are listed in pages, narrowed by channel, door and time", async () => {
      const key = await makeKey("conversations:read");
      for (const id of ["c-1", "c-2", "c-3"]) {
        await insertConversation(database, {
          id,
          channel: id === "c-2" ? "telegram" : "web",
          origin: "poster-1",
        });
      }
      await insertMessage(database, "c-3", "m-1", "2026-11-22T00:00:00.000Z");
      const first = await call(key, "GET", "/api/v1/conversations?limit=2");
      expect(first.body.conversations.map(({ id }: { id: string }) => id)).toEqual(["c-1", "c-2"]);
      const second = await call(key, "GET", `/api/v1/conversations?limit=2&cursor=${first.body.next}`);
      expect(second.body).toEqual({
        conversations: [
          {
            id: "c-3",
            channel: "web",
            surface: "private",
            origin: "poster-1",
            handOverRequested: false,
            reachable: true,
            lastSeq: 1,
            createdAt: "2026-11-21T08:00:00.000Z",
            updatedAt: "2026-11-22T00:00:00.000Z",
          },
        ],
      });
      const ids = async (query: string) =>
        (await call(key, "GET", `/api/v1/conversations?${query}`)).body.conversations.map(
          ({ id }: { id: string }) => id,
        );
      expect(await ids("channel=telegram")).toEqual(["c-2"]);
      expect(await ids("origin=poster-2")).toEqual([]);
      expect(await ids("updatedSince=2026-11-22T00:00:00%2B08:00")).toEqual(["c-3"]);
      expect((await call(key, "GET", "/api/v1/conversations/c-2")).body).toMatchObject({ id: "c-2" });
    });

    it("are read message by message, and spoken into as the system", async () => {
      const key = await makeKey("messages:read", "messages:write");
      await insertConversation(database, { id: "c-1" });
      await insertMessage(database, "c-1", "m-1");
      const posted = await call(key, "POST", "/api/v1/conversations/c-1/messages", {
        text: " 您的申请已受理。 ",
        quickReplies: ["好的"],
      });
      expect(posted).toMatchObject({
        status: 202,
        body: { message: { sender: "system", text: "您的申请已受理。", quickReplies: ["好的"] } },
      });
      const all = await call(key, "GET", "/api/v1/conversations/c-1/messages");
      expect(all.body.messages).toMatchObject([
        { id: "m-1", sender: "contact", text: "工资没发" },
        posted.body.message,
      ]);
      const [first] = all.body.messages;
      const rest = await call(key, "GET", `/api/v1/conversations/c-1/messages?after=${first.seq}&limit=1`);
      expect(rest.body.messages).toEqual([posted.body.message]);
    });
  });

  describe("webhooks", () => {
    it("are added with a secret that is shown once, changed, watched and removed", async () => {
      const key = await makeKey("webhooks:manage");
      const added = await call(key, "POST", "/api/v1/webhooks", {
        url: "https://a.example.cn/hook",
        events: ["conversation.opened", "conversation.opened"],
      });
      expect(added).toMatchObject({
        status: 201,
        body: {
          webhook: { url: "https://a.example.cn/hook", events: ["conversation.opened"], active: true },
          secret: expect.stringMatching(/^whsec_[A-Za-z0-9_-]{43}$/),
        },
      });
      const { id } = added.body.webhook;
      const list = await call(key, "GET", "/api/v1/webhooks");
      expect(list.body).toEqual({ webhooks: [added.body.webhook] });
      expect(JSON.stringify(list.body)).not.toContain("whsec");
      await insertWebhookEvents(database.db, "conversation.opened", { conversationId: "c-1" }, new Date());
      const queued = await call(key, "GET", `/api/v1/webhooks/${id}/deliveries?state=queued`);
      expect(queued.body.deliveries).toMatchObject([
        { type: "conversation.opened", state: "queued", attempts: 0, data: { conversationId: "c-1" } },
      ]);
      const changed = await call(key, "PATCH", `/api/v1/webhooks/${id}`, { active: false });
      expect(changed).toMatchObject({
        status: 200,
        body: { active: false, events: ["conversation.opened"] },
      });
      expect((await call(key, "DELETE", `/api/v1/webhooks/${id}`)).status).toBe(204);
      expect((await call(key, "GET", "/api/v1/webhooks")).body).toEqual({ webhooks: [] });
    });

    it("are at most fifty", async () => {
      for (let count = 0; count < 50; count++) {
        await webhooks.add({ url: "https://a.example.cn/", events: ["conversation.opened"] }, "whsec_x");
      }
      const request = { url: "https://a.example.cn/", events: ["conversation.opened"] };
      const key = await makeKey("webhooks:manage");
      expect(await call(key, "POST", "/api/v1/webhooks", request)).toMatchObject({ status: 400 });
    });
  });

  it("everything stands in the OpenAPI document, with its key", async () => {
    const { body } = await call(undefined, "GET", "/api/openapi.json");
    expect(body.components.securitySchemes.apiKey).toMatchObject({ type: "http", scheme: "bearer" });
    for (const [scope, method, path] of routes) {
      const template = path.replace(/\/(c|w)-1/, "/{id}");
      const operation = body.paths[template]?.[method.toLowerCase()];
      expect(operation, `${method} ${template}`).toMatchObject({
        security: [{ apiKey: [] }],
        description: expect.stringContaining(scope),
      });
      expect(operation.responses.default).toBeDefined();
    }
    expect(Object.keys(body.components.schemas)).toEqual(
      expect.arrayContaining(["Conversation", "ConversationMessage", "WebhookEndpoint", "WebhookDelivery"]),
    );
  });
});
