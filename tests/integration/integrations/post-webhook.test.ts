import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createWebhookPost,
  type WebhookPost,
  type WebhookPostOptions,
} from "../../../src/integrations/post-webhook.ts";
import type { Lookup } from "../../../src/integrations/webhook-address.ts";
import { startWebhookReceiver, status, type WebhookReceiver } from "../../support/webhook-receiver.ts";

const loopback: Lookup = async () => [{ address: "127.0.0.1", family: 4 }];

let receiver: WebhookReceiver;
let posts: WebhookPost[];

beforeEach(async () => {
  receiver = await startWebhookReceiver();
  posts = [];
});

afterEach(async () => {
  for (const post of posts) post.close();
  await receiver.close();
});

const never = new AbortController().signal;
const body = JSON.stringify({ id: "event-1", type: "conversation.replied", data: { 会话: "c-1" } });

function post(options: Partial<WebhookPostOptions> = {}): WebhookPost {
  const made = createWebhookPost({ allowPrivate: true, lookup: loopback, ...options });
  posts.push(made);
  return made;
}

const send = (made: WebhookPost, url = receiver.url, signal = never) =>
  made.post(
    { url, headers: { "Content-Type": "application/json", "Niangjia-Delivery": "event-1" }, body },
    signal,
  );

describe("a post", () => {
  it("brings headers and body as they are, over a connection that is kept", async () => {
    const sockets = new Set<unknown>();
    receiver.always((response) => {
      sockets.add(response.socket);
      response.end("ok");
    });
    const made = post();
    for (let count = 0; count < 3; count++) expect(await send(made)).toEqual({ state: "sent" });
    expect(receiver.received[0]).toMatchObject({
      raw: body,
      headers: { "niangjia-delivery": "event-1", "content-type": "application/json" },
    });
    expect(sockets.size).toBe(1);
  });

  it.each([200, 201, 202, 204, 299])("that gets %i is sent", async (code) => {
    receiver.always(status(code));
    expect(await send(post())).toEqual({ state: "sent" });
  });

  it.each([400, 401, 404, 429, 500, 503])("that gets %i is to be tried again", async (code) => {
    receiver.always(status(code));
    expect(await send(post())).toEqual({ state: "retry", reason: `status_${code}` });
  });

  it("waits as long as the endpoint asks", async () => {
    receiver.answer(status(503, { "Retry-After": "120" }), status(503, { "Retry-After": "tomorrow" }));
    const made = post();
    expect(await send(made)).toEqual({ state: "retry", reason: "status_503", afterMs: 120_000 });
    expect(await send(made)).toEqual({ state: "retry", reason: "status_503" });
  });

  it("that gets 410 is the last one", async () => {
    receiver.always(status(410));
    expect(await send(post())).toEqual({ state: "gone" });
  });

  it.each([301, 302, 307, 308])("does not follow a redirect with %i", async (code) => {
    receiver.always(status(code, { Location: "/elsewhere" }));
    expect(await send(post())).toEqual({ state: "retry", reason: `status_${code}` });
    expect(receiver.received.map(({ path }) => path)).toEqual(["/hook"]);
  });

  it("ends where nobody answers in time", async () => {
    receiver.always(() => {});
    expect(await send(post({ timeoutMs: 50 }))).toEqual({ state: "retry", reason: "timeout" });
  });

  it("ends where nobody listens", async () => {
    const gone = await startWebhookReceiver();
    await gone.close();
    expect(await send(post(), gone.url)).toEqual({ state: "retry", reason: "ECONNREFUSED" });
  });

  it("ends at once when it is cut off", async () => {
    const cutOff = new AbortController();
    receiver.always(() => cutOff.abort());
    expect(await send(post(), receiver.url, cutOff.signal)).toMatchObject({ state: "retry" });
  });

  it("does not read an answer without end, and believes its status", async () => {
    const closed = Promise.withResolvers<void>();
    receiver.always((response) => {
      response.once("close", () => closed.resolve());
      response.writeHead(200);
      const pour = () => {
        while (response.write("x".repeat(16_384)));
      };
      response.on("drain", pour);
      pour();
    });
    expect(await send(post())).toEqual({ state: "sent" });
    await closed.promise;
  });

  it("believes the status of an answer that stops in the middle", async () => {
    receiver.always((response) => {
      response.writeHead(200, { "Content-Length": "1000" });
      response.write("x");
    });
    expect(await send(post({ timeoutMs: 50 }))).toEqual({ state: "sent" });
  });

  it("is made again at once where a kept connection was closed just then, but only once", async () => {
    const made = post();
    await send(made);
    const cut = (response: { socket: { destroy(): void } | null }) => response.socket?.destroy();
    receiver.answer(cut);
    expect(await send(made)).toEqual({ state: "sent" });
    expect(receiver.received).toHaveLength(3);
    receiver.always(cut);
    expect(await send(made)).toEqual({ state: "retry", reason: "ECONNRESET" });
    expect(receiver.received).toHaveLength(5);
  });
});

describe("an address that is not allowed", () => {
  const { port } = new URL("http://127.0.0.1:9");

  it.each([
    ["a link-local address behind a name", "https://hook.example.cn/", ["169.254.169.254"], true],
    [
      "one bad address among good ones",
      "https://hook.example.cn/",
      ["93.184.216.34", "169.254.169.254"],
      true,
    ],
    ["a private address behind a name", "https://hook.example.cn/", ["10.0.0.1"], false],
    ["this machine behind a name", "https://hook.example.cn/", ["127.0.0.1"], false],
    ["a public address without TLS", "http://hook.example.cn/", ["93.184.216.34"], true],
    ["a metadata address", "http://169.254.169.254/latest/meta-data/", [], true],
    ["this machine", `https://127.0.0.1:${port}/`, [], false],
  ])("is not connected to: %s", async (_what, url, addresses, allowPrivate) => {
    const lookup: Lookup = async () =>
      addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    expect(await send(post({ lookup, allowPrivate }), url)).toEqual({
      state: "retry",
      reason: "address_refused",
    });
  });

  it("is refused although the name led to a good one before", async () => {
    let address = "127.0.0.1";
    const lookup: Lookup = async () => [{ address, family: 4 }];
    const made = post({ lookup });
    const url = receiver.url.replace("127.0.0.1", "hook.example.cn");
    receiver.always((response) => response.writeHead(200, { Connection: "close" }).end());
    expect(await send(made, url)).toEqual({ state: "sent" });
    address = "169.254.169.254";
    expect(await send(made, url)).toEqual({ state: "retry", reason: "address_refused" });
    expect(receiver.received).toHaveLength(1);
  });

  it("cannot be found behind a name that does not resolve", async () => {
    const lookup: Lookup = async () => {
      throw Object.assign(new Error("no such name"), { code: "ENOTFOUND" });
    };
    expect(await send(post({ lookup }), "https://hook.example.cn/")).toEqual({
      state: "retry",
      reason: "ENOTFOUND",
    });
  });
});

describe.skipIf(!hasOpenssl())("an endpoint with TLS", () => {
  it("is sent to when its certificate is trusted and names it, and else not", async () => {
    const folder = mkdtempSync(join(tmpdir(), "niangjia-tls-"));
    const [keyFile, certFile] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync(
      "openssl",
      [
        ...[
          "req",
          "-x509",
          "-newkey",
          "ec",
          "-pkeyopt",
          "ec_paramgen_curve:prime256v1",
          "-nodes",
          "-days",
          "2",
        ],
        ...["-subj", "/CN=hook.example.cn", "-addext", "subjectAltName=DNS:hook.example.cn"],
        ...["-keyout", keyFile, "-out", certFile],
      ],
      { stdio: "ignore" },
    );
    const [key, cert] = [readFileSync(keyFile, "utf8"), readFileSync(certFile, "utf8")];
    rmSync(folder, { recursive: true });
    const server = createHttpsServer({ key, cert }, (_request, response) => response.end("ok"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const trusted = getCACertificates("default");
    try {
      const url = `https://hook.example.cn:${port}/`;
      expect(await send(post(), url)).toEqual({ state: "retry", reason: "DEPTH_ZERO_SELF_SIGNED_CERT" });
      setDefaultCACertificates([...trusted, cert]);
      expect(await send(post(), url)).toEqual({ state: "sent" });
      expect(await send(post(), `https://other.example.cn:${port}/`)).toEqual({
        state: "retry",
        reason: "ERR_TLS_CERT_ALTNAME_INVALID",
      });
    } finally {
      setDefaultCACertificates(trusted);
      for (const made of posts) made.close();
      server.closeAllConnections();
      server.close();
    }
  });
});

function hasOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
