import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatSession } from "../../../../src/pages/chat/chat-session.ts";
import { createFakePhone, type FakePhone } from "../../../support/fake-phone.ts";
import { type FakeWorkerApi, startFakeWorkerApi } from "../../../support/fake-worker-api.ts";

let server: FakeWorkerApi;
let phone: FakePhone;

beforeEach(async () => {
  server = await startFakeWorkerApi();
  phone = createFakePhone(server.url);
});

afterEach(async () => {
  phone.close();
  await server.close();
});

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 5 });
const replies = (session: ChatSession) => session.state().messages.filter(({ sender }) => sender === "bot");
const questions = () => server.stored().filter(({ sender }) => sender === "contact");
const callsOf = (call: string) => server.calls.filter((one) => one === call).length;

describe("a first visit", () => {
  it("creates no visitor before the first message", async () => {
    const session = phone.openPage();
    expect(session.state().historyLoaded).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(server.calls).toEqual([]);
  });

  it("asks and is answered over the stream, with previews", async () => {
    const session = phone.openPage();
    const previews: string[] = [];
    session.subscribe(() => previews.push(session.state().preview?.text ?? ""));
    session.send("不签合同怎么办");
    await eventually(() => expect(session.state().connection).toBe("live"));
    server.behaviour.answering = false;
    session.send("那要多久");
    await eventually(() => expect(session.state().messages.length).toBeGreaterThanOrEqual(3));
    server.answerAll();
    await eventually(() => expect(replies(session)).toHaveLength(2));
    expect(replies(session)[0]?.answer?.citations).toHaveLength(3);
    expect(previews.some((text) => text !== "")).toBe(true);
    expect(session.state()).toMatchObject({ awaitedSeq: 0, outgoing: [], preview: undefined });
  });

  it("keeps the order of a burst", async () => {
    const session = phone.openPage();
    for (const text of ["一", "二", "三", "四"]) session.send(text);
    await eventually(() => expect(questions()).toHaveLength(4));
    expect(questions().map(({ text }) => text)).toEqual(["一", "二", "三", "四"]);
    expect(callsOf("POST /api/visitors")).toBe(1);
  });
});

describe("a message that cannot be sent", () => {
  it("stays, and goes out once the network is back", async () => {
    const address = server.url;
    const port = Number(new URL(address).port);
    await server.close();
    const session = phone.openPage({ url: address });
    session.send("老板不给钱");
    await eventually(() => expect(session.state().outgoing[0]?.unsent).toBe("network"));
    server = await startFakeWorkerApi({ port });
    session.networkIsBack();
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(session.state().outgoing).toEqual([]);
  });

  it("is recognised as stored when only the acknowledgement was lost", async () => {
    server.behaviour.sending = "drop";
    const session = phone.openPage();
    session.send("只说一次");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    await eventually(() => expect(session.state().outgoing).toEqual([]));
    expect(questions()).toHaveLength(1);
    expect(phone.openPage().state().outgoing).toEqual([]);
  });

  it("is stored once when the page was left between storing and acknowledgement", async () => {
    const deaf: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      return String(input).endsWith("/api/messages") ? new Promise(() => undefined) : response;
    };
    phone.openPage({ fetch: deaf }).send("只说一次");
    await eventually(() => expect(questions()).toHaveLength(1));
    const reloaded = phone.openPage();
    await eventually(() => expect(replies(reloaded)).toHaveLength(1));
    await eventually(() => expect(reloaded.state().outgoing).toEqual([]));
    expect(callsOf("POST /api/messages")).toBe(2);
    expect(questions()).toHaveLength(1);
  });

  it("says what the server said, and can be sent again", async () => {
    server.behaviour.sending = "too_many";
    const session = phone.openPage();
    session.send("快");
    await eventually(() =>
      expect(session.state().outgoing[0]).toMatchObject({
        unsent: "busy",
        problem: "发得太快了，请等一分钟",
      }),
    );
    server.behaviour.sending = "work";
    session.resend("page0-0");
    await eventually(() => expect(questions()).toHaveLength(1));
  });

  it("is offered for editing when the server will never take it", async () => {
    const session = phone.openPage();
    session.send("字".repeat(4001));
    await eventually(() => expect(session.state().outgoing[0]?.unsent).toBe("refused"));
    session.discard("page0-0");
    expect(session.state().outgoing).toEqual([]);
    expect(phone.openPage().state().outgoing).toEqual([]);
  });

  it("survives a reload and waits to be sent", async () => {
    server.behaviour.sending = "unavailable";
    const session = phone.openPage();
    session.send("别丢");
    await eventually(() => expect(session.state().outgoing[0]?.unsent).toBe("busy"));
    session.pause();
    server.behaviour.sending = "work";
    const reloaded = phone.openPage();
    expect(reloaded.state().outgoing).toMatchObject([{ text: "别丢", unsent: "busy" }]);
    reloaded.resend("page0-0");
    await eventually(() => expect(replies(reloaded)).toHaveLength(1));
    expect(phone.openPage().state().outgoing).toEqual([]);
  });

  it("goes out by itself when the page was left while sending, with the same id", async () => {
    const never: typeof fetch = () => new Promise(() => undefined);
    phone.openPage({ fetch: never }).send("刚按发送就退出了");
    const reloaded = phone.openPage();
    await eventually(() => expect(replies(reloaded)).toHaveLength(1));
    phone.now += 60 * 60_000;
    phone.openPage({ fetch: never }).send("一小时前");
    phone.now += 60 * 60_000;
    expect(phone.openPage().state().outgoing).toMatchObject([{ text: "一小时前", unsent: "left_over" }]);
  });
});

describe("a server that no longer knows the visitor", () => {
  it("gets a new conversation, and the message goes into it", async () => {
    const session = phone.openPage();
    session.send("第一");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    server.forgetVisitors();
    session.send("第二");
    await eventually(() => expect(session.state().messages.map(({ text }) => text)).toContain("第二"));
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(session.state()).toMatchObject({ renewed: true, outgoing: [] });
    expect(session.state().messages.map(({ text }) => text)).not.toContain("第一");
  });

  it("is noticed after a reload without sending", async () => {
    const session = phone.openPage();
    session.send("第一");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    session.pause();
    server.forgetVisitors();
    const reloaded = phone.openPage();
    await eventually(() => expect(reloaded.state().renewed).toBe(true));
    reloaded.send("还在吗");
    await eventually(() => expect(replies(reloaded)).toHaveLength(1));
  });
});

describe("a rating", () => {
  it("is stored by the server and comes back after a reload", async () => {
    const session = phone.openPage();
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(await session.rate(replies(session)[0]?.id ?? "", "down")).toBe(true);
    session.pause();
    const reloaded = phone.openPage();
    await eventually(() => expect(replies(reloaded)[0]?.rating).toBe("down"));
  });

  it("is taken back when the server did not store it", async () => {
    const session = phone.openPage();
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    const message = replies(session)[0];
    await server.close();
    expect(await session.rate(message?.id ?? "", "up")).toBe(false);
    expect(replies(session)[0]?.rating).toBeUndefined();
    server = await startFakeWorkerApi();
  });
});
