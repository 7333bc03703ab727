import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import type { Conversation } from "../../../src/messaging/conversation.ts";
import type { ChannelSender } from "../../../src/messaging/delivery.ts";
import { createPresence } from "../../../src/messaging/presence.ts";

const conversation: Conversation = {
  id: "c",
  contactId: "p",
  channel: "test",
  surface: "private",
  noticeGiven: true,
  handOverRequested: false,
};
const address = { key: "1", surface: "private" as const, data: {} };
const signal = new AbortController().signal;

function presenceOf(sender: Partial<ChannelSender>, find = async () => address) {
  const senders = new Map([["test", sender as ChannelSender]]);
  return createPresence({ senders, addressOf: find, afterMs: 1 });
}

describe("presence", () => {
  it("shows typing after a moment, and no more once it was stopped", async () => {
    const typing = vi.fn(async () => {});
    const shown = presenceOf({ typing }).typing(conversation, signal);
    await expect.poll(() => typing.mock.calls.length).toBe(1);
    shown.stop();
    presenceOf({ typing }).typing(conversation, signal).stop();
    await sleep(5);
    expect(typing).toHaveBeenCalledTimes(1);
  });

  it.each<[string, () => Promise<void>]>([
    ["rejects", () => Promise.reject(new Error("broken"))],
    [
      "throws",
      () => {
        throw new Error("broken");
      },
    ],
  ])("a channel that %s disturbs nothing", async (_how, broken) => {
    const unhandled = vi.fn();
    process.on("unhandledRejection", unhandled);
    const preview = vi.fn(broken);
    presenceOf({ preview }).preview(conversation, "m", "您", signal);
    presenceOf({ preview }, () => Promise.reject(new Error("the database is away"))).preview(
      conversation,
      "m",
      "您",
      signal,
    );
    await expect.poll(() => preview.mock.calls.length).toBe(1);
    await sleep(5);
    process.off("unhandledRejection", unhandled);
    expect(unhandled).not.toHaveBeenCalled();
  });
});
