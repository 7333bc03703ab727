import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import { hashToken } from "../../../src/channels/web/verify.ts";
import type { TurnHandler } from "../../../src/messaging/turn-handler.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { openVisitor, readEvents, type SentEvent, type Service, startService } from "./service.ts";

const answer: GroundedAnswer = {
  state: "grounded",
  text: "可以要双倍工资。[1]",
  citations: [
    {
      index: 1,
      chunkId: "c-1",
      document: "双倍工资",
      section: "第八十二条",
      source: "《劳动合同法》",
      quote: "……",
    },
  ],
  provenance: [{ claim: "双倍", origin: "passage", reference: "1" }],
  handOver: "offered",
  facts: { employer: "某公司" },
  missing: [],
  calculation: null,
};

forEachDatabase((_name, open) => {
  let service: Service;
  let handle: TurnHandler["handle"];
  const handler: TurnHandler = { handle: (...args) => handle(...args) };

  beforeEach(async () => {
    handle = async () => ({ replies: [{ sender: "bot", text: answer.text, answer }] });
    const database = await open();
    service = await startService({ database, handler, channel: { heartbeatMs: 20, streamsPerVisitor: 2 } });
  });

  afterEach(async () => {
    await service.stop();
  });

  async function messagesOf(visitor: Awaited<ReturnType<typeof openVisitor>>, after = 0) {
    const response = await visitor.get(`/api/messages?after=${after}`);
    expect(response.status).toBe(200);
    return (await response.json()) as { messages: Record<string, unknown>[]; pending: boolean };
  }

  async function answered(visitor: Awaited<ReturnType<typeof openVisitor>>) {
    for (;;) {
      const read = await messagesOf(visitor);
      if (!read.pending) {
        return read.messages;
      }
      await sleep(2);
    }
  }

  /** The next event that is no heartbeat and no `retry`. */
  async function nextEvent(events: AsyncGenerator<SentEvent>): Promise<SentEvent> {
    for (;;) {
      const { value } = await events.next();
      if (value === undefined) {
        throw new Error("The stream ended.");
      }
      if (value.event !== undefined) {
        return value;
      }
    }
  }

  describe("a visitor", () => {
    it("asks and is answered by polling; the page gets neither provenance nor facts", async () => {
      const visitor = await openVisitor(service.url);
      expect(visitor.status).toBe(201);
      const sent = await visitor.say("没签合同", "id-1");
      expect(sent.status).toBe(202);
      const messages = await answered(visitor);
      expect(messages).toEqual([
        expect.objectContaining({ sender: "contact", text: "没签合同" }),
        {
          id: expect.any(String),
          seq: expect.any(Number),
          sender: "bot",
          text: answer.text,
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
          replyTo: messages[0]?.id,
          answer: { state: "grounded", handOver: "offered", citations: answer.citations },
        },
      ]);
      expect(await messagesOf(visitor, Number(messages[0]?.seq))).toMatchObject({
        messages: [{ sender: "bot" }],
      });
    });

    it("has a token of 32 random bytes, of which only the hash is stored", async () => {
      const visitor = await openVisitor(service.url);
      expect(Buffer.from(visitor.token, "base64url")).toHaveLength(32);
      expect(await service.visitors.conversationOf(visitor.token)).toBeUndefined();
      expect(await service.visitors.conversationOf(hashToken(visitor.token))).toBe(visitor.conversationId);
      expect(service.log.join("")).not.toContain(visitor.token);
    });

    it("sends a message again after a lost connection, and it is stored and answered once", async () => {
      const visitor = await openVisitor(service.url);
      const [first, again] = [await visitor.say("没签合同", "same"), await visitor.say("没签合同", "same")];
      expect([first.status, again.status]).toEqual([202, 200]);
      expect(await again.json()).toEqual(await first.json());
      expect(await answered(visitor)).toHaveLength(2);
    });

    it("sees nothing of another visitor's conversation, even with ids from it", async () => {
      const [one, two] = [await openVisitor(service.url), await openVisitor(service.url)];
      await one.say("我的事");
      const messages = await answered(one);
      expect((await messagesOf(two)).messages).toEqual([]);
      const stolen = await two.send(`/api/messages/${messages[1]?.id}/feedback`, '{"rating":"down"}');
      expect(stolen.status).toBe(404);
      expect((await messagesOf(one)).messages[1]).not.toHaveProperty("rating");
    });

    it("rates a reply, and changes the rating", async () => {
      const visitor = await openVisitor(service.url);
      await visitor.say("没签合同");
      const [, reply] = await answered(visitor);
      const path = `/api/messages/${reply?.id}/feedback`;
      expect((await visitor.send(path, '{"rating":"up"}')).status).toBe(204);
      expect((await visitor.send(path, '{"rating":"down"}')).status).toBe(204);
      expect((await messagesOf(visitor)).messages[1]).toHaveProperty("rating", "down");
      expect((await visitor.send(path, '{"rating":"great"}')).status).toBe(400);
      expect((await visitor.send("/api/messages/unknown/feedback", '{"rating":"up"}')).status).toBe(404);
    });

    it("is told that a turn failed, in words, and can go on", async () => {
      handle = async () => {
        throw new Error("身份证号 broken at /srv/secret.ts:1");
      };
      const visitor = await openVisitor(service.url);
      await visitor.say("没签合同");
      expect((await answered(visitor))[1]).toMatchObject({
        sender: "system",
        text: "抱歉，请再发一次，或拨打12351。",
      });
    });
  });

  describe("the event stream", () => {
    it("replays what was missed, then shows typing, previews and the stored reply", async () => {
      const visitor = await openVisitor(service.url);
      await visitor.say("第一问");
      const [first, second] = await answered(visitor);
      const gate = Promise.withResolvers<void>();
      handle = async (_input, progress) => {
        progress.preview("可以");
        await gate.promise;
        return { replies: [{ sender: "bot", text: "可以。" }] };
      };
      const response = await visitor.get(`/api/events?after=${first?.seq}`);
      expect(response.headers.get("content-type")).toContain("text/event-stream");
      const events = readEvents(response);
      expect(await nextEvent(events)).toEqual({ event: "message", id: String(second?.seq), data: second });
      const { message } = (await (await visitor.say("第二问")).json()) as {
        message: { id: string; seq: number };
      };
      expect(await nextEvent(events)).toEqual({ event: "message", id: String(message.seq), data: message });
      const shown = [await nextEvent(events), await nextEvent(events)];
      expect(shown).toEqual([
        { event: "typing", data: { replyTo: message.id } },
        { event: "preview", data: { replyTo: message.id, text: "可以" } },
      ]);
      gate.resolve();
      expect(await nextEvent(events)).toMatchObject({
        event: "message",
        data: { text: "可以。", replyTo: message.id },
      });
    });

    it("says to a page that comes back that its question is still worked on", async () => {
      const gate = Promise.withResolvers<void>();
      handle = async () => {
        await gate.promise;
        return { replies: [] };
      };
      const visitor = await openVisitor(service.url);
      const { message } = (await (await visitor.say("问")).json()) as {
        message: { id: string; seq: number };
      };
      const events = readEvents(await visitor.get(`/api/events?after=${message.seq}`));
      expect(await nextEvent(events)).toEqual({ event: "typing", data: { replyTo: message.id } });
      gate.resolve();
    });

    it("continues after Last-Event-ID, and takes a senseless one for none", async () => {
      const visitor = await openVisitor(service.url);
      await visitor.say("一");
      const [first, second] = await answered(visitor);
      const resumed = readEvents(
        await visitor.get("/api/events?after=0", { "last-event-id": String(first?.seq) }),
      );
      expect(await nextEvent(resumed)).toHaveProperty("data.id", second?.id);
      const senseless = readEvents(await visitor.get("/api/events", { "last-event-id": "-1 or 1=1" }));
      expect(await nextEvent(senseless)).toHaveProperty("data.id", first?.id);
    });

    it("gives more messages than it reads at once, in order and each once", async () => {
      const visitor = await openVisitor(service.url);
      const { conversationId } = visitor;
      handle = async () => ({ replies: [] });
      for (let i = 0; i < 230; i++) {
        await service.inbox.receive({ channel: "web", conversationId, externalId: `${i}`, text: `第${i}` });
      }
      const events = readEvents(await visitor.get("/api/events"));
      const texts: unknown[] = [];
      while (texts.length < 230) {
        texts.push((await nextEvent(events)).data?.text);
      }
      expect(texts).toEqual(Array.from({ length: 230 }, (_, i) => `第${i}`));
      expect((await messagesOf(visitor)).messages).toHaveLength(200);
    });

    it("shows signs of life, and at them also what another process has stored", async () => {
      const visitor = await openVisitor(service.url);
      const { conversationId } = visitor;
      const events = readEvents(await visitor.get("/api/events"));
      await events.next();
      expect((await events.next()).value).toEqual({ comment: "heartbeat" });
      await service.conversations.receive(
        { channel: "web", conversationId, externalId: "x", text: "别处来的" },
        0,
      );
      expect(await nextEvent(events)).toHaveProperty("data.text", "别处来的");
    });

    it("is given only so often to one visitor, and given back when the page leaves", async () => {
      const visitor = await openVisitor(service.url);
      const leave = new AbortController();
      await visitor.get("/api/events", {}, leave.signal);
      await visitor.get("/api/events");
      const third = await visitor.get("/api/events");
      expect(third.status).toBe(429);
      expect(Number(third.headers.get("retry-after"))).toBeGreaterThan(0);
      await (await openVisitor(service.url)).get("/api/events");
      leave.abort();
      let status = 429;
      while (status === 429) {
        await sleep(2);
        status = (await visitor.get("/api/events")).status;
      }
      expect(status).toBe(200);
      expect((await service.metrics.expose()).text).toContain("niangjia_event_streams 3");
    });

    it("answers HEAD without opening a stream", async () => {
      const visitor = await openVisitor(service.url);
      for (let i = 0; i < 5; i++) {
        const headers = { authorization: `Bearer ${visitor.token}` };
        const response = await fetch(`${service.url}/api/events`, { method: "HEAD", headers });
        expect(response.status).toBe(200);
      }
      expect(service.events.conversations).toBe(0);
    });
  });

  it("the API description lists what the page uses, with the visitor's token", async () => {
    const document = (await (await fetch(`${service.url}/api/openapi.json`)).json()) as {
      paths: Record<string, Record<string, { security?: unknown }>>;
    };
    const listed = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(
        ([method, { security }]) => `${method} ${path}${security ? " (visitor)" : ""}`,
      ),
    );
    expect(listed.sort()).toEqual([
      "get /api/about",
      "get /api/events (visitor)",
      "get /api/files/{id} (visitor)",
      "get /api/messages (visitor)",
      "get /api/passages/{chunkId}",
      "post /api/files (visitor)",
      "post /api/messages (visitor)",
      "post /api/messages/{id}/feedback (visitor)",
      "post /api/receipts (visitor)",
      "post /api/visitors",
    ]);
    expect(document).toHaveProperty("components.schemas.Message");
  });

  describe("stopping the server", () => {
    it("ends the streams and takes no new requests", async () => {
      const visitor = await openVisitor(service.url);
      const events = readEvents(await visitor.get("/api/events"));
      await events.next();
      const stopped = service.server.stop(10_000);
      for await (const { event } of events) {
        expect(event).toBeUndefined();
      }
      await stopped;
      await expect(fetch(`${service.url}/healthz`)).rejects.toThrow();
      expect(service.events.conversations).toBe(0);
    });

    it("cuts off at its deadline who does not read", async () => {
      const visitor = await openVisitor(service.url);
      const { conversationId } = visitor;
      for (let i = 0; i < 200; i++) {
        const text = "长".repeat(4_000);
        await service.conversations.receive(
          { channel: "web", conversationId, externalId: `${i}`, text },
          60_000,
        );
      }
      await visitor.get("/api/events");
      await service.server.stop(50);
      expect((await service.metrics.expose()).text).toContain("niangjia_event_streams 0");
    });
  });
});
