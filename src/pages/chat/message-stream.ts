import { ApiError } from "./api-client.ts";
import type { Message, MessagePage } from "./api-types.ts";
import { createEventParser, type ServerEvent } from "./event-parser.ts";

/** Waiting times in milliseconds. */
export interface StreamDelays {
  /** First wait before connecting again; doubles up to `longestRetry`. */
  readonly firstRetry: number;
  readonly longestRetry: number;
  /** Polling while a reply is awaited, and otherwise. */
  readonly pollPending: number;
  readonly pollIdle: number;
  /** No byte for so long means that the stream is dead: the server sends a heartbeat every 15 s. */
  readonly silence: number;
  /** The same just after sending, or when a stream opens with a reply awaited: then something comes at once. */
  readonly silenceAfterSending: number;
  /** How often a stream without events is checked for the end of a turn that left no reply. */
  readonly pendingCheck: number;
}

export const standardDelays: StreamDelays = {
  firstRetry: 1_000,
  longestRetry: 30_000,
  pollPending: 2_000,
  pollIdle: 15_000,
  silence: 40_000,
  silenceAfterSending: 6_000,
  pendingCheck: 20_000,
};

/** The size of a full page of messages: a full one may have a next one. */
const pageSize = 200;
/** So many streams in a row that open but carry nothing mean that something on the way holds them back. */
const silentStreamsBeforePolling = 2;

export type Connection = "idle" | "connecting" | "live" | "polling" | "offline";

/** What the follower needs from the page. Every call runs under the signal of `run`. */
export interface StreamPorts {
  listMessages(after: number, signal: AbortSignal): Promise<MessagePage>;
  openEvents(after: number, signal: AbortSignal): Promise<ReadableStream<Uint8Array> | undefined>;
  /** Sequence number of the last message received in order. */
  cursor(): number;
  /** Sequence number of the message that waits for a reply; 0 when none does. */
  awaitedSeq(): number;
  onMessages(messages: readonly Message[]): void;
  onSynced(pending: boolean, awaitedSeqAtRequest: number): void;
  onPreview(replyTo: string, text: string): void;
  onTyping(replyTo: string): void;
  onConnection(connection: Connection): void;
  /** The token is not known to the server any more; `run` has ended. */
  onUnauthorized(): void;
  random(): number;
  readonly delays?: StreamDelays;
}

export interface MessageFollower {
  /** Follows the conversation until the signal aborts or the token is refused. Runs once at a time. */
  run(signal: AbortSignal): Promise<void>;
  /** Ends a current wait at once: the network is back. */
  wake(): void;
  /** A message was stored: a stream that stays silent now is given up soon. */
  messageSent(): void;
}

/**
 * Brings the messages of a conversation: the event stream, and the list where streams do not come through (a
 * browser without readable responses, a proxy that holds events back). Every connection begins with the list from
 * the cursor, so a cut never loses a message. What it learned about the way stays known between runs.
 */
export function createMessageFollower(ports: StreamPorts): MessageFollower {
  const delays = ports.delays ?? standardDelays;
  let silentStreams = 0;
  let endWait = () => {};
  let expectSoon = () => {};

  /** Waits, less up to a third by chance, so that many pages do not come back at the same instant. */
  const wait = (ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        endWait = () => {};
        resolve();
      };
      const timer = setTimeout(done, ms * (1 - ports.random() / 3));
      signal.addEventListener("abort", done);
      endWait = done;
      if (signal.aborted) done();
    });
  const backoff = (attempt: number) => Math.min(delays.longestRetry, delays.firstRetry * 2 ** (attempt - 1));

  const catchUp = async (signal: AbortSignal): Promise<void> => {
    for (;;) {
      const awaited = ports.awaitedSeq();
      const page = await ports.listMessages(ports.cursor(), signal);
      if (signal.aborted) return;
      ports.onMessages(page.messages);
      if (page.messages.length < pageSize) {
        ports.onSynced(page.pending, awaited);
        return;
      }
    }
  };

  const take = ({ event, data }: ServerEvent, signal: AbortSignal): void => {
    let value: unknown;
    try {
      value = JSON.parse(data);
    } catch {
      // A damaged event is left out: the list brings what it held when the stream is opened again.
      return;
    }
    if (event === "message") {
      const message = value as Message;
      ports.onMessages([message]);
      // It answers nothing, such as the receipt for deleting everything: is there still something to wait for?
      const isUnasked = message.sender !== "contact" && message.replyTo === undefined;
      if (isUnasked && ports.awaitedSeq() > 0) catchUp(signal).catch(() => {});
    }
    const progress = value as { replyTo: string; text: string };
    if (event === "preview") ports.onPreview(progress.replyTo, progress.text);
    if (event === "typing") ports.onTyping(progress.replyTo);
  };

  /** Reads one stream to its end. */
  const readStream = async (signal: AbortSignal): Promise<{ bytes: boolean; events: boolean }> => {
    const seen = { bytes: false, events: false };
    const own = new AbortController();
    const cut = () => own.abort();
    signal.addEventListener("abort", cut);
    // Who has just asked must not wait long for a stream that something on the way holds back.
    const isAwaited = ports.awaitedSeq() > 0;
    let timer = setTimeout(cut, isAwaited ? delays.silenceAfterSending : delays.silence);
    const expectWithin = (ms: number) => {
      clearTimeout(timer);
      timer = setTimeout(cut, ms);
    };
    expectSoon = () => expectWithin(delays.silenceAfterSending);
    const check = setInterval(() => {
      if (ports.awaitedSeq() > 0) catchUp(own.signal).catch(() => {});
    }, delays.pendingCheck);
    try {
      const body = await ports.openEvents(ports.cursor(), own.signal);
      if (body === undefined) {
        silentStreams = silentStreamsBeforePolling;
        return seen;
      }
      ports.onConnection("live");
      const parse = createEventParser();
      const decoder = new TextDecoder();
      const reader = body.getReader();
      // Not every old browser ends a pending read when the request is aborted.
      own.signal.addEventListener("abort", () => void reader.cancel().catch(() => {}));
      for (;;) {
        const { value, done } = await reader.read();
        if (done || own.signal.aborted) return seen;
        seen.bytes = true;
        expectWithin(delays.silence);
        for (const event of parse(decoder.decode(value, { stream: true }))) {
          seen.events = true;
          take(event, own.signal);
        }
      }
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) throw error;
      return seen;
    } finally {
      clearTimeout(timer);
      clearInterval(check);
      expectSoon = () => {};
      signal.removeEventListener("abort", cut);
      own.abort();
    }
  };

  const followOnce = async (attempt: number, signal: AbortSignal): Promise<number> => {
    try {
      await catchUp(signal);
    } catch (error) {
      if (signal.aborted || (error instanceof ApiError && error.status === 401)) throw error;
      ports.onConnection("offline");
      const asked = error instanceof ApiError ? (error.retryAfterSeconds ?? 0) * 1_000 : 0;
      await wait(Math.max(backoff(attempt), asked), signal);
      return attempt + 1;
    }
    if (signal.aborted) return attempt;
    if (silentStreams >= silentStreamsBeforePolling) {
      ports.onConnection("polling");
      await wait(ports.awaitedSeq() > 0 ? delays.pollPending : delays.pollIdle, signal);
      return 1;
    }
    const seen = await readStream(signal);
    if (signal.aborted) return attempt;
    silentStreams = seen.bytes ? 0 : silentStreams + 1;
    // With a reply awaited the list is asked at once; only a stream that carried nothing useful is backed off.
    if (silentStreams < silentStreamsBeforePolling) {
      await wait(ports.awaitedSeq() > 0 ? delays.firstRetry : backoff(attempt), signal);
    }
    return seen.events ? 1 : attempt + 1;
  };

  return {
    async run(signal) {
      ports.onConnection("connecting");
      let attempt = 1;
      while (!signal.aborted) {
        try {
          attempt = await followOnce(attempt, signal);
        } catch (error) {
          if (signal.aborted) return;
          if (error instanceof ApiError && error.status === 401) {
            ports.onUnauthorized();
            return;
          }
          throw error;
        }
      }
    },
    wake: () => endWait(),
    messageSent() {
      expectSoon();
      endWait();
    },
  };
}
