import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { gatewayAddress, knock } from "../../../../src/channels/wechat/gateway-knock.ts";

test.each([
  ["gateway.example.cn:8788", { host: "gateway.example.cn", port: 8788 }],
  ["10.0.0.1:80", { host: "10.0.0.1", port: 80 }],
  ["[::1]:8788", { host: "::1", port: 8788 }],
])("the endpoint %s is an address", (endpoint, address) => {
  expect(gatewayAddress(endpoint, "sni_name_3f2b")).toEqual({ ...address, servername: "sni_name" });
});

test.each(["", "gateway.example.cn", "dns:///gateway.example.cn:8788", "::1:8788"])(
  "of the endpoint %j no address is known",
  (endpoint) => expect(gatewayAddress(endpoint, "insecure_3f2b")).toBeUndefined(),
);

/** Somebody who does this with every connection; resolves to the address. */
async function listen(greet: (socket: Socket) => void) {
  const server = createServer(greet).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { host: "127.0.0.1", port, servername: "insecure" };
}

test.each([
  ["speaks another language", (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["hangs up", (socket: Socket) => void socket.destroy()],
])("who %s has answered", async (_, greet) => {
  await knock(await listen(greet), AbortSignal.timeout(5_000));
});

test("where nobody listens, that is the answer", async () => {
  const address = await listen(() => {});
  await knock({ ...address, port: 1 }, AbortSignal.timeout(5_000));
});

test("who never says a word is waited for until it is given up, and left alone then", async () => {
  const left = Promise.withResolvers<void>();
  const giveUp = new AbortController();
  const address = await listen((socket) => {
    socket.on("error", () => {});
    socket.on("close", () => left.resolve());
    socket.once("data", () => giveUp.abort());
    socket.resume();
  });
  await knock(address, giveUp.signal);
  expect(giveUp.signal.aborted).toBe(true);
  await left.promise;
});

test("who gave up before does not knock", async () => {
  const address = await listen(() => expect.unreachable());
  await knock(address, AbortSignal.abort());
});
