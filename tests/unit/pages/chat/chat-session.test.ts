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

describe("a visitor who asked to be forgotten", () => {
  it("keeps the receipt in sight, and nothing else of before", async () => {
    const session = phone.openPage();
    session.send("我的事");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    server.behaviour.answering = false;
    session.send("删除我的信息");
    await eventually(() => expect(session.state().awaitedSeq).toBeGreaterThan(0));
    server.say("已经删除，回执号 7。", { ending: true });
    // It answers no message: only the list says that nothing is awaited any more.
    await eventually(() => expect(session.state().awaitedSeq).toBe(0));
    server.forgetVisitors();
    await eventually(() => expect(session.state().renewed).toBe(true));
    expect(session.state().farewell.map(({ text }) => text)).toEqual(["已经删除，回执号 7。"]);
    expect(session.state().messages).toEqual([]);
  });
});

describe("what was shown", () => {
  it("is confirmed while the stream brings it, and by the cursor of every connection", async () => {
    const session = phone.openPage();
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    const { cursor } = session.state();
    await eventually(() => expect(server.receipts).toEqual([cursor]));
    server.cutStreams();
    await eventually(() =>
      expect(server.cursors.filter((after) => after === cursor).length).toBeGreaterThan(1),
    );
    expect(server.receipts).toEqual([cursor]);
    expect(Math.max(...server.cursors)).toBe(cursor);
  });

  it("is not confirmed while nobody looks", async () => {
    const session = phone.openPage();
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    await eventually(() => expect(server.receipts).toHaveLength(1));
    session.pause();
    server.say("晚来的话");
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(Math.max(...server.receipts, ...server.cursors)).toBe(session.state().cursor);
  });
});

describe("a visitor's beginning", () => {
  it("names the door, with the first message", async () => {
    const session = phone.openPage({ visitor: { from: "yubei-3" } });
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(server.visitors).toEqual([{ from: "yubei-3" }]);
  });

  it("finds the conversation of a logged-in visitor at once", async () => {
    const first = phone.openPage({ visitor: { identity: "jwt" } });
    first.send("问题");
    await eventually(() => expect(replies(first)).toHaveLength(1));
    first.pause();
    const other = createFakePhone(server.url);
    const second = other.openPage({ visitor: { identity: "jwt", from: "app" } });
    await eventually(() => expect(replies(second)).toHaveLength(1));
    expect(server.visitors.at(-1)).toEqual({ identity: "jwt", from: "app" });
    other.close();
  });

  it("goes on without an identity that is refused, and says why", async () => {
    server.behaviour.identities = "refused";
    const session = phone.openPage({ visitor: { identity: "jwt" } });
    await eventually(() => expect(session.state().note).toBe("登录信息没有通过核对"));
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(server.visitors).toEqual([{ identity: "jwt" }, {}]);
  });

  it("waits for the network with an identity, and does not become somebody else", async () => {
    server.behaviour.identities = "unavailable";
    const session = phone.openPage({ visitor: { identity: "jwt" } });
    await eventually(() => expect(session.state().connection).toBe("offline"));
    server.behaviour.identities = "known";
    session.networkIsBack();
    await eventually(() => expect(session.state().connection).toBe("live"));
    expect(server.visitors).toEqual([{ identity: "jwt" }, { identity: "jwt" }]);
  });
});

describe("a message with files", () => {
  const photo = { id: "unknown", kind: "photo" } as const;

  it("keeps them over a failure and a reload", async () => {
    server.behaviour.sending = "unavailable";
    const session = phone.openPage();
    session.send("", [photo]);
    await eventually(() => expect(session.state().outgoing[0]?.unsent).toBe("busy"));
    expect(phone.openPage().state().outgoing).toMatchObject([{ text: "", attachments: [photo] }]);
  });

  it("whose files are gone keeps its text", async () => {
    const session = phone.openPage();
    session.send("看图", [photo]);
    await eventually(() => expect(session.state().outgoing[0]?.unsent).toBe("refused"));
    expect(session.state().outgoing[0]).toMatchObject({
      text: "看图",
      problem: expect.stringContaining("附件"),
    });
    expect(session.state().outgoing[0]).not.toHaveProperty("attachments");
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
