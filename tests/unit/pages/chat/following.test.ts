import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatSession } from "../../../../src/pages/chat/chat-session.ts";
import { createFakePhone, type FakePhone, shortDelays } from "../../../support/fake-phone.ts";
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

describe("following", () => {
  it("loses nothing when the stream is cut again and again", async () => {
    const session = phone.openPage();
    for (let round = 1; round <= 4; round += 1) {
      session.send(`问题${round}`);
      await eventually(() => expect(questions()).toHaveLength(round));
      server.cutStreams();
    }
    await eventually(() => expect(replies(session)).toHaveLength(4));
    expect(session.state().messages).toEqual(server.stored());
  });

  it("falls back to polling where a proxy holds the stream, and the answer comes", async () => {
    server.behaviour.streams = "hold";
    const session = phone.openPage({ delays: { ...shortDelays, silenceAfterSending: 10 } });
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    session.send("再问");
    await eventually(() => expect(replies(session)).toHaveLength(2));
    await eventually(() => expect(session.state().connection).toBe("polling"));
    session.send("又问");
    await eventually(() => expect(replies(session)).toHaveLength(3));
    const streams = callsOf("GET /api/events");
    session.send("还问");
    await eventually(() => expect(replies(session)).toHaveLength(4));
    expect(callsOf("GET /api/events")).toBe(streams);
  });

  it("falls back to polling where the stream is refused", async () => {
    server.behaviour.streams = "refuse";
    const session = phone.openPage();
    session.send("问题");
    await eventually(() => expect(session.state().connection).toBe("polling"));
    await eventually(() => expect(replies(session)).toHaveLength(1));
  });

  it("polls at once where the browser cannot read a response piece by piece", async () => {
    const withoutBody: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      Object.defineProperty(response, "body", { value: undefined });
      return response;
    };
    const session = phone.openPage({ fetch: withoutBody });
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(callsOf("GET /api/events")).toBe(1);
  });

  it("notices on a silent stream that a turn has ended", async () => {
    server.behaviour.streams = "hold";
    const session = phone.openPage({ delays: { ...shortDelays, pendingCheck: 10 } });
    session.send("问题");
    await eventually(() => expect(replies(session)).toHaveLength(1));
    expect(session.state().awaitedSeq).toBe(0);
  });

  it("stops while hidden and brings what came meanwhile", async () => {
    const session = phone.openPage();
    server.behaviour.answering = false;
    session.send("问题");
    await eventually(() => expect(session.state().awaitedSeq).toBeGreaterThan(0));
    session.pause();
    server.answerAll();
    expect(replies(session)).toHaveLength(0);
    session.start();
    await eventually(() => expect(replies(session)).toHaveLength(1));
  });

  it("brings a history longer than one page after a reload, as history", async () => {
    const session = phone.openPage();
    for (let index = 0; index < 120; index += 1) session.send(`第${index}条`);
    await eventually(() => expect(replies(session)).toHaveLength(120));
    session.pause();
    const reloaded = phone.openPage();
    await eventually(() => expect(reloaded.state().historyLoaded).toBe(true));
    expect(reloaded.state().messages).toEqual(server.stored());
  });
});
