import { describe, expect, it } from "vitest";
import { FloodWatch, outcomeOf } from "../../../../src/channels/telegram/send-outcome.ts";

const refused = (code: number, description: string, retryAfterMs?: number) => ({
  kind: "refused" as const,
  code,
  description,
  ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
});
const outcome = (...args: Parameters<typeof refused>) => outcomeOf(refused(...args), new FloodWatch(), 1);

describe("what a refused send means", () => {
  it.each([
    [403, "Forbidden: bot was blocked by the user"],
    [403, "Forbidden: user is deactivated"],
    [403, "Forbidden: bot was kicked from the supergroup chat"],
    [403, "Forbidden: bot can't initiate conversation with a user"],
    [400, "Bad Request: chat not found"],
    [400, "Bad Request: not enough rights to send text messages to the chat"],
    [400, "Bad Request: group chat was deactivated"],
    [400, "Bad Request: PEER_ID_INVALID"],
  ])("%i %s: the contact cannot be reached", (code, description) => {
    expect(outcome(code, description)).toEqual({ state: "unreachable", reason: `${code} ${description}` });
  });

  it.each([
    [400, "Bad Request: message text is empty"],
    [400, "Bad Request: message is too long"],
    [400, "Bad Request: BUTTON_DATA_INVALID"],
    [413, "Request Entity Too Large"],
  ])("%i %s: this message is never taken", (code, description) => {
    expect(outcome(code, description)).toMatchObject({ state: "failed" });
  });

  it.each([500, 503])("%i by the server itself: it was not taken", (code) => {
    expect(outcome(code, "Internal Server Error: restart")).toMatchObject({ state: "retry" });
  });

  it.each([408, 502, 504])("%i by a proxy: nobody knows", (code) => {
    expect(outcome(code, "Bad Gateway")).toMatchObject({ state: "unknown" });
  });

  it.each([401, 404, 301])("%i is about the setting: everything waits", (code) => {
    expect(outcome(code, "Unauthorized")).toMatchObject({ state: "retry", scope: "channel" });
  });

  it("429 waits as long as Telegram says", () => {
    expect(outcome(429, "Too Many Requests: retry after 7", 7_000)).toMatchObject({
      state: "retry",
      afterMs: 7_000,
      scope: "contact",
    });
  });

  it("no connection: it was not handed over; a broken one: nobody knows", () => {
    const floods = new FloodWatch();
    expect(outcomeOf({ kind: "unsent", reason: "ECONNREFUSED" }, floods, 1)).toMatchObject({
      state: "retry",
    });
    expect(outcomeOf({ kind: "unanswered", reason: "ECONNRESET" }, floods, 1)).toMatchObject({
      state: "unknown",
    });
  });
});

describe("a flood", () => {
  it("of one chat is that chat's, however often it is refused", () => {
    const floods = new FloodWatch();
    for (let time = 0; time < 20; time++) expect(floods.refused(1)).toBe("contact");
  });

  it("of five chats in a row is the bot's", () => {
    const floods = new FloodWatch();
    expect([1, 2, 3, 4, 5, 6].map((chat) => floods.refused(chat))).toEqual([
      ...Array(4).fill("contact"),
      "channel",
      "channel",
    ]);
  });

  it("is over as soon as something is taken", () => {
    const floods = new FloodWatch();
    for (const chat of [1, 2, 3, 4]) floods.refused(chat);
    floods.taken();
    expect(floods.refused(5)).toBe("contact");
  });
});
