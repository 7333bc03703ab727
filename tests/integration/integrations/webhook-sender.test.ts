import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../src/storage/database.ts";
import { forEachDatabase } from "../../support/databases.ts";
import {
  isSigned,
  startWebhookReceiver,
  status,
  type WebhookReceiver,
} from "../../support/webhook-receiver.ts";
import {
  openWebhooks,
  type RunningSender,
  runSender,
  secret,
  until,
  type Webhooks,
} from "./webhook-service.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let webhooks: Webhooks;
  let receiver: WebhookReceiver;
  let senders: RunningSender[];

  beforeEach(async () => {
    database = await open();
    webhooks = openWebhooks(database);
    receiver = await startWebhookReceiver();
    senders = [];
  });

  afterEach(async () => {
    await Promise.all(senders.map((sender) => sender.end()));
    await receiver.close();
  });

  const run = async (options?: Parameters<typeof runSender>[2]) => {
    const sender = await runSender(database, webhooks, options);
    senders.push(sender);
    return sender;
  };
  const conversations = ({ received }: WebhookReceiver) =>
    received.map(({ body }) => String(body.data.conversationId));
  const allAre = (id: string, ...states: string[]) =>
    until(async () => JSON.stringify(await webhooks.states(id)) === JSON.stringify(states));

  describe("an event", () => {
    it("arrives signed, named and without anybody's words", async () => {
      const id = await webhooks.add(receiver.url);
      await run();
      await webhooks.tell("c-1");
      await allAre(id, "sent");
      const [received] = receiver.received;
      const [delivery] = await webhooks.store.deliveries(id, { limit: 1 });
      expect(received?.headers).toMatchObject({
        "niangjia-event": "conversation.replied",
        "niangjia-delivery": delivery?.id,
        "content-type": "application/json; charset=utf-8",
      });
      expect(received?.body).toEqual({
        id: delivery?.id,
        type: "conversation.replied",
        createdAt: delivery?.createdAt,
        data: { conversationId: "c-1" },
      });
      expect(received && isSigned(received, secret, new Date())).toBe(true);
      expect(received && isSigned(received, "whsec_other", new Date())).toBe(false);
    });

    it("that was written before the sender ran, or unheard, is sent too", async () => {
      const id = await webhooks.add(receiver.url);
      await webhooks.tell("c-1");
      const sender = await run();
      await allAre(id, "sent");
      await sender.end();
      await webhooks.tell("c-2");
      await run();
      await allAre(id, "sent", "sent");
    });

    it("that fails holds back those behind it, and comes again with the same id until it is taken", async () => {
      const id = await webhooks.add(receiver.url);
      receiver.answer(
        status(200),
        status(500),
        status(302, { Location: "/elsewhere" }),
        status(503),
        status(404),
      );
      for (let count = 0; count < 4; count++) await webhooks.tell(`c-${count}`);
      await run();
      await allAre(id, "sent", "sent", "sent", "sent");
      expect(conversations(receiver)).toEqual(["c-0", "c-1", "c-1", "c-1", "c-1", "c-1", "c-2", "c-3"]);
      const tries = receiver.received.filter(({ body }) => body.data.conversationId === "c-1");
      expect(new Set(tries.map(({ raw }) => raw)).size).toBe(1);
      expect(new Set(tries.map(({ headers }) => headers["niangjia-delivery"])).size).toBe(1);
      expect(tries.every((received) => isSigned(received, secret, new Date()))).toBe(true);
      expect(receiver.received.every(({ path }) => path === "/hook")).toBe(true);
      expect((await webhooks.store.deliveries(id, { limit: 4 })).map(({ attempts }) => attempts)).toEqual([
        1, 1, 5, 1,
      ]);
    });

    it("that gets no answer in time is tried again", async () => {
      const id = await webhooks.add(receiver.url);
      receiver.answer(() => {});
      await webhooks.tell("c-1");
      await run({ timeoutMs: 50 });
      await allAre(id, "sent");
      expect(conversations(receiver)).toEqual(["c-1", "c-1"]);
    });

    it("is given up after a day of failures, and the endpoint goes on with the next", async () => {
      const id = await webhooks.add(receiver.url);
      const yesterday = new Date(Date.now() - 25 * 3_600_000);
      receiver.always((response, { body }) => {
        response.writeHead(String(body.data.conversationId).startsWith("old") ? 500 : 200).end();
      });
      await webhooks.tell("old-1", yesterday);
      await webhooks.tell("old-2", yesterday);
      await webhooks.tell("young");
      await run();
      await allAre(id, "failed", "failed", "sent");
      expect(conversations(receiver)).toEqual(["old-1", "young"]);
      expect(webhooks.log.join()).toContain("webhook events were given up");
    });

    it("however old, is sent to an endpoint that answers", async () => {
      const id = await webhooks.add(receiver.url);
      await webhooks.tell("old", new Date(Date.now() - 48 * 3_600_000));
      await run();
      await allAre(id, "sent");
    });
  });

  describe("an endpoint", () => {
    it("that answers 410 is switched off and gets nothing more", async () => {
      const id = await webhooks.add(receiver.url);
      receiver.always(status(410));
      await webhooks.tell("c-1");
      await webhooks.tell("c-2");
      const sender = await run();
      await allAre(id, "failed", "failed");
      expect(await webhooks.store.find(id)).toMatchObject({ active: false });
      await webhooks.tell("c-3");
      sender.wake();
      await until(async () => !sender.anyEndpoint());
      expect(receiver.received).toHaveLength(1);
    });

    it("that never answers does not hold up the others", async () => {
      const dead = await startWebhookReceiver();
      try {
        dead.always(() => {});
        const deadId = await webhooks.add(dead.url);
        const id = await webhooks.add(receiver.url);
        const sender = await run({ timeoutMs: 60_000 });
        for (let count = 0; count < 10; count++) await webhooks.tell(`c-${count}`);
        await receiver.arrived(10);
        await until(async () => (await webhooks.states(id)).every((state) => state === "sent"));
        expect(conversations(receiver)).toEqual(Array.from({ length: 10 }, (_, count) => `c-${count}`));
        expect(dead.received).toHaveLength(1);
        await sender.stop(0);
        // What was cut off is not lost: it waits on.
        expect(await webhooks.states(deadId)).toEqual(Array.from({ length: 10 }, () => "queued"));
      } finally {
        await dead.close();
      }
    });

    it("whose secret cannot be opened waits, and the others are served", async () => {
      const brokenId = await webhooks.add(receiver.url);
      await database.db
        .updateTable("webhook_endpoints")
        .set({ sealed_secret: "v1:another-key:AAAA" })
        .where("id", "=", brokenId)
        .execute();
      const id = await webhooks.add(receiver.url);
      await webhooks.tell("c-1");
      await run();
      await allAre(id, "sent");
      expect(await webhooks.states(brokenId)).toEqual(["queued"]);
      expect(receiver.received).toHaveLength(1);
    });

    it("with a long backlog gets all of it in order", async () => {
      const id = await webhooks.add(receiver.url);
      const expected = Array.from({ length: 120 }, (_, count) => `c-${count}`);
      for (const conversation of expected) await webhooks.tell(conversation);
      await run();
      await until(async () => (await webhooks.states(id)).every((state) => state === "sent"));
      expect(conversations(receiver)).toEqual(expected);
    });

    it("of three senders is served by one at a time, each event once and in order", async () => {
      const id = await webhooks.add(receiver.url);
      receiver.always((response) => {
        setTimeout(() => response.end(), 2);
      });
      const expected = Array.from({ length: 40 }, (_, count) => `c-${count}`);
      for (let count = 0; count < 3; count++) await run();
      for (const conversation of expected) await webhooks.tell(conversation);
      await until(async () => (await webhooks.states(id)).every((state) => state === "sent"));
      expect(receiver.mostAtOnce()).toBe(1);
      expect(conversations(receiver)).toEqual(expected);
    });
  });

  describe("the sender", () => {
    it("knows whether anybody wants to be told", async () => {
      const sender = await run();
      // Until it knows better, events are written.
      expect(sender.anyEndpoint()).toBe(true);
      await until(async () => !sender.anyEndpoint());
      const id = await webhooks.add(receiver.url);
      await until(async () => sender.anyEndpoint());
      await webhooks.store.remove(id);
      await until(async () => !sender.anyEndpoint());
    });

    it("that stops lets the try under way end and begins no other", async () => {
      const id = await webhooks.add(receiver.url);
      const answered = Promise.withResolvers<() => void>();
      receiver.answer((response) => answered.resolve(() => response.end()));
      await webhooks.tell("c-1");
      await webhooks.tell("c-2");
      const sender = await run();
      const answer = await answered.promise;
      const stopped = sender.stop(60_000);
      answer();
      await stopped;
      expect(await webhooks.states(id)).toEqual(["sent", "queued"]);
      expect(receiver.received).toHaveLength(1);
      // Its lane is free for the next process at once.
      expect(await webhooks.lanes.held("webhook")).toEqual([]);
    });

    it("goes on after the database failed it", async () => {
      const id = await webhooks.add(receiver.url);
      let failures = 3;
      const { queue } = webhooks;
      const look = async () => {
        if (failures-- > 0) throw new Error("the database is away");
        return queue.look();
      };
      const failing = new Proxy(queue, {
        get: (target, name) =>
          name === "look" ? look : (Reflect.get(target, name) as () => unknown).bind(target),
      });
      await webhooks.tell("c-1");
      await run({ queue: failing });
      await allAre(id, "sent");
      expect(webhooks.log.join()).toContain("waiting webhook events could not be looked up");
    });
  });
});
