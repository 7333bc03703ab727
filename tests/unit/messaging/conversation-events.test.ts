import { describe, expect, it } from "vitest";
import { ConversationEvents } from "../../../src/messaging/conversation-events.ts";

const never = new AbortController().signal;
const preview = (text: string) => ({ type: "preview", replyTo: "m1", text }) as const;

describe("ConversationEvents", () => {
  it("tells every listener of a conversation, and nobody else", async () => {
    const events = new ConversationEvents();
    const [first, second, other] = [events.subscribe("a"), events.subscribe("a"), events.subscribe("b")];
    events.publish("a", { type: "message" });
    expect(await first.next(1_000, never)).toEqual({ message: true });
    expect(await second.next(1_000, never)).toEqual({ message: true });
    expect(await other.next(1, never)).toEqual({});
  });

  it("wakes a listener that waits already", async () => {
    const events = new ConversationEvents();
    const waiting = events.subscribe("a").next(60_000, never);
    events.publish("a", preview("好"));
    expect(await waiting).toEqual({ preview: preview("好") });
  });

  it("holds only the newest preview for a listener that does not look", async () => {
    const events = new ConversationEvents();
    const slow = events.subscribe("a");
    events.publish("a", { type: "typing", replyTo: "m1" });
    for (let i = 0; i < 10_000; i++) {
      events.publish("a", preview(`第${i}`));
    }
    expect(await slow.next(1_000, never)).toEqual({
      typing: { type: "typing", replyTo: "m1" },
      preview: preview("第9999"),
    });
    expect(await slow.next(1, never)).toEqual({});
  });

  it("shows no preview of a reply that has been stored", async () => {
    const events = new ConversationEvents();
    const listener = events.subscribe("a");
    events.publish("a", preview("旧"));
    events.publish("a", { type: "message" });
    expect(await listener.next(1_000, never)).toEqual({ message: true });
  });

  it("ends the wait when the signal aborts, before or during it", async () => {
    const listener = new ConversationEvents().subscribe("a");
    const controller = new AbortController();
    const waiting = listener.next(60_000, controller.signal);
    controller.abort();
    expect(await waiting).toEqual({});
    expect(await listener.next(60_000, controller.signal)).toEqual({});
  });

  it("forgets a conversation when its last listener closes", () => {
    const events = new ConversationEvents();
    const [first, second] = [events.subscribe("a"), events.subscribe("a")];
    first.close();
    expect(events.conversations).toBe(1);
    second.close();
    second.close();
    expect(events.conversations).toBe(0);
  });
});
