import { describe, expect, it } from "vitest";
import type { Message } from "../../../../src/pages/chat/api-types.ts";
import {
  type ChatAction,
  type ChatState,
  emptyChat,
  reduceChat,
} from "../../../../src/pages/chat/message-store.ts";

const own = (seq: number, text = "问"): Message => ({
  id: `m${seq}`,
  seq,
  sender: "contact",
  text,
  createdAt: "2026-11-21T00:00:00Z",
});
const reply = (seq: number, replyTo: string): Message => ({ ...own(seq, "答"), sender: "bot", replyTo });
const reached = (state: ChatState, ...actions: ChatAction[]) => actions.reduce(reduceChat, state);
const arrived = (...messages: Message[]): ChatAction => ({ type: "arrived", messages });
const queued = (clientId: string, text: string): ChatAction => ({
  type: "queued",
  outgoing: { clientId, text, createdAt: 1 },
});
const open: ChatState = { ...emptyChat, historyLoaded: true };
const ids = (state: ChatState) => state.messages.map(({ id }) => id);

describe("messages", () => {
  it("stand once and in order, whatever the order and repetition of arrival", () => {
    const state = reached(open, arrived(own(1), reply(3, "m1")), arrived(own(2)), arrived(own(1)));
    expect(ids(state)).toEqual(["m1", "m2", "m3"]);
    expect(state.cursor).toBe(3);
  });

  it("do not move the cursor by an acknowledgement: an earlier one may still be on its way", () => {
    const state = reached(open, queued("a", "问"), { type: "accepted", clientId: "a", message: own(7) });
    expect(state.cursor).toBe(0);
    expect(ids(state)).toEqual(["m7"]);
  });
});

describe("a message on its way", () => {
  it("is not shown twice when the stream brings it before the acknowledgement", () => {
    const streamed = reached(open, queued("a", " 问 \n"), arrived(own(1)));
    expect(streamed.outgoing).toEqual([]);
    const acknowledged = reached(streamed, { type: "accepted", clientId: "a", message: own(1) });
    expect(ids(acknowledged)).toEqual(["m1"]);
  });

  it("takes exactly one of two equal messages away", () => {
    const state = reached(open, queued("a", "问"), queued("b", "问"), arrived(own(1)));
    expect(state.outgoing.map(({ clientId }) => clientId)).toEqual(["b"]);
  });

  it("with files is taken away by the one with the same files only", () => {
    const queuedPhoto = (clientId: string, id: string): ChatAction => ({
      type: "queued",
      outgoing: { clientId, text: "", createdAt: 1, attachments: [{ id, kind: "photo" }] },
    });
    const photo = { ...own(1, ""), attachments: [{ id: "y", kind: "photo" as const }] };
    const state = reached(open, queuedPhoto("a", "x"), queuedPhoto("b", "y"), arrived(photo));
    expect(state.outgoing.map(({ clientId }) => clientId)).toEqual(["a"]);
  });

  it("is not taken away by an equal message of the history", () => {
    const state = reached(emptyChat, queued("a", "问"), arrived(own(1)));
    expect(state.outgoing).toHaveLength(1);
  });

  it("keeps the reason why it was not sent until it is sent again", () => {
    const failed = reached(open, queued("a", "问"), {
      type: "unsent",
      clientId: "a",
      reason: "busy",
      problem: "请等一等",
    });
    expect(failed.outgoing[0]).toMatchObject({ unsent: "busy", problem: "请等一等" });
    const again = reached(failed, { type: "resent", clientId: "a" });
    expect(again.outgoing[0]).toEqual({ clientId: "a", text: "问", createdAt: 1 });
    expect(reached(again, { type: "discarded", clientId: "a" }).outgoing).toEqual([]);
  });
});

describe("waiting for a reply", () => {
  const asked = reached(open, queued("a", "问"), { type: "accepted", clientId: "a", message: own(5) });

  it("begins with the acknowledgement and ends with the reply", () => {
    expect(asked.awaitedSeq).toBe(5);
    const answered = reached(
      asked,
      { type: "previewed", replyTo: "m5", text: "半" },
      arrived(own(5), reply(6, "m5")),
    );
    expect(answered).toMatchObject({ awaitedSeq: 0, preview: undefined });
  });

  it("does not begin when the reply was there before the acknowledgement", () => {
    const state = reached(open, queued("a", "问"), arrived(own(5), reply(6, "m5")), {
      type: "accepted",
      clientId: "a",
      message: own(5),
    });
    expect(state.awaitedSeq).toBe(0);
  });

  it("goes on when only an earlier message of a burst is answered", () => {
    const state = reached(asked, arrived(own(5), own(6), reply(7, "m5")));
    expect(state.awaitedSeq).toBe(6);
    expect(reached(state, arrived(reply(8, "m6"))).awaitedSeq).toBe(0);
  });

  it("goes on when a person writes in between", () => {
    const state = reached(asked, arrived({ ...own(6, "我是调解员"), sender: "mediator" }));
    expect(state.awaitedSeq).toBe(5);
  });

  it("ends when the server says that nothing is pending, a turn may leave no reply", () => {
    expect(reached(asked, { type: "synced", pending: false, awaitedSeqAtRequest: 5 }).awaitedSeq).toBe(0);
  });

  it("goes on when the server's 'nothing pending' is older than the question", () => {
    expect(reached(asked, { type: "synced", pending: false, awaitedSeqAtRequest: 0 }).awaitedSeq).toBe(5);
  });

  it("is taken up after a reload", () => {
    const state = reached(emptyChat, arrived(own(1), reply(2, "m1"), own(3)), {
      type: "synced",
      pending: true,
      awaitedSeqAtRequest: 0,
    });
    expect(state).toMatchObject({ awaitedSeq: 3, historyLoaded: true });
  });

  it("shows no preview of what is answered already", () => {
    const answered = reached(open, arrived(own(1), reply(2, "m1")), {
      type: "previewed",
      replyTo: "m1",
      text: "晚",
    });
    expect(answered.preview).toBeUndefined();
    expect(reached(answered, { type: "typing", replyTo: "m1" }).awaitedSeq).toBe(0);
  });
});

describe("other changes", () => {
  it("set and take back a rating", () => {
    const rated = reached(open, arrived(reply(1, "x")), { type: "rated", messageId: "m1", rating: "down" });
    expect(rated.messages[0]?.rating).toBe("down");
    const taken = reached(rated, { type: "rated", messageId: "m1", rating: undefined });
    expect(taken.messages[0]).toEqual(reply(1, "x"));
  });

  it("a renewed conversation keeps what was not sent and nothing else", () => {
    const state = reached(open, arrived(own(4)), queued("a", "还没发"), { type: "renewed" });
    expect(state).toMatchObject({
      messages: [],
      cursor: 0,
      awaitedSeq: 0,
      renewed: true,
      historyLoaded: true,
    });
    expect(state.outgoing).toHaveLength(1);
  });
});
