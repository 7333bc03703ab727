import { type ApiClient, ApiError } from "./api-client.ts";
import type { Attachment, Message, NewVisitor, Rating } from "./api-types.ts";
import {
  type ChatAction,
  type ChatState,
  emptyChat,
  type OutgoingMessage,
  reduceChat,
} from "./message-store.ts";
import { createMessageFollower, type StreamDelays } from "./message-stream.ts";
import { createOutbox } from "./outbox.ts";
import { createOwnVisitor } from "./own-visitor.ts";
import { createReceipts } from "./receipts.ts";
import type { KeyValueStorage } from "./safe-storage.ts";

/** A message whose sending was interrupted by leaving the page is sent again by itself within this time. */
const resendWithinMs = 5 * 60_000;

export interface SessionPorts {
  readonly api: ApiClient;
  readonly storage: KeyValueStorage;
  now(): number;
  /** Unique id of 1..64 letters, digits, `-` or `_`. */
  newId(): string;
  random(): number;
  readonly delays?: StreamDelays;
  /** Milliseconds after which what a stream has shown is confirmed. Default 1 s. */
  readonly receiptDelayMs?: number;
  /** With what a conversation begins. Default: nothing. */
  readonly visitor?: NewVisitor;
}

/** The conversation of this phone: what the components show and what they can do. */
export interface ChatSession {
  state(): ChatState;
  /** Calls back after every change; returns the way to stop. */
  subscribe(listener: () => void): () => void;
  /** Starts following, or goes on after `pause`. Unacknowledged messages of an earlier visit come back. */
  start(): void;
  /** Stops following while nobody looks. Sending goes on. */
  pause(): void;
  /** The network is back: reconnects and sends again what failed for lack of it. */
  networkIsBack(): void;
  send(text: string, attachments?: readonly Attachment[]): void;
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** False when the server did not take it; the mark is then back to what it was. */
  rate(messageId: string, rating: Rating): Promise<boolean>;
  /** A call for this visitor, who is made where there is none; once more where the server knew the token no more. */
  asVisitor<T>(call: (token: string) => Promise<T>): Promise<T>;
}

/**
 * Joins the API, the reducer and the phone's storage. A visitor is created with the first message, not with the
 * first look at the page; only one who is logged in elsewhere finds the earlier conversation at once. When the
 * server no longer knows the token, a new conversation begins and everything unsent goes into it.
 */
export function createChatSession(ports: SessionPorts): ChatSession {
  const { api, storage } = ports;
  const outbox = createOutbox(storage);
  const listeners = new Set<() => void>();
  /** Ids of messages written or taken over by this page; another tab's are left alone. */
  const ownIds = new Set<string>();
  let state = emptyChat;
  let following: AbortController | undefined;
  let started = false;
  let sending: Promise<void> = Promise.resolve();

  const dispatch = (action: ChatAction) => {
    const wasOffline = state.connection === "offline";
    state = reduceChat(state, action);
    for (const listener of [...listeners]) listener();
    if (wasOffline && (state.connection === "live" || state.connection === "polling"))
      resendAfterNetworkLoss();
  };

  const visitor = createOwnVisitor({
    api,
    storage,
    begin: ports.visitor ?? {},
    onForgotten: () => {
      following?.abort();
      following = undefined;
      receipts.reset();
      dispatch({ type: "renewed" });
    },
    onIdentityRefused: (line) => dispatch({ type: "noted", line }),
  });
  const receipts = createReceipts({
    confirm: async (seq) => {
      const token = visitor.token();
      if (token !== undefined) await api.confirm(token, seq).catch(unlessUnknown);
    },
    ...(ports.receiptDelayMs === undefined ? {} : { delayMs: ports.receiptDelayMs }),
  });
  /** The server takes the cursor of a list or a stream for a receipt. */
  const confirming = async <T>(after: number, answer: Promise<T>): Promise<T> => {
    const answered = await answer;
    receipts.confirmed(after);
    return answered;
  };

  const follower = createMessageFollower({
    listMessages: async (after, signal) =>
      confirming(after, api.listMessages(visitor.require(), after, signal)),
    openEvents: async (after, signal) => confirming(after, api.openEvents(visitor.require(), after, signal)),
    cursor: () => state.cursor,
    awaitedSeq: () => state.awaitedSeq,
    onMessages: (messages) => {
      dispatch({ type: "arrived", messages });
      // What the stream has shown to be stored need not be kept.
      const waiting = new Set(state.outgoing.map(({ clientId }) => clientId));
      for (const { clientId } of outbox.list()) {
        if (ownIds.has(clientId) && !waiting.has(clientId)) outbox.remove(clientId);
      }
      if (state.connection === "live") receipts.shown(state.cursor);
    },
    onSynced: (pending, awaitedSeqAtRequest) => dispatch({ type: "synced", pending, awaitedSeqAtRequest }),
    onPreview: (replyTo, text) => dispatch({ type: "previewed", replyTo, text }),
    onTyping: (replyTo) => dispatch({ type: "typing", replyTo }),
    onConnection: (connection) => dispatch({ type: "connected", connection }),
    onUnauthorized: () => visitor.forget(visitor.token()),
    random: ports.random,
    ...(ports.delays === undefined ? {} : { delays: ports.delays }),
  });
  const follow = () => {
    if (!started || following !== undefined || visitor.token() === undefined) return;
    const current = new AbortController();
    following = current;
    follower.run(current.signal).finally(() => {
      if (following === current) following = undefined;
    });
  };

  const post = ({ clientId, text, attachments = [] }: OutgoingMessage): Promise<Message> => {
    const message = { clientId, text, attachments: attachments.map(({ id }) => id) };
    return visitor.asVisitor((token) => api.sendMessage(token, message));
  };

  /** Who is logged in elsewhere finds the earlier conversation before they write. */
  const identify = async () => {
    try {
      await visitor.ensure();
    } catch {
      dispatch({ type: "connected", connection: "offline" });
    }
    follow();
  };

  const deliver = async (message: OutgoingMessage): Promise<void> => {
    try {
      const stored = await post(message);
      outbox.remove(message.clientId);
      dispatch({ type: "accepted", clientId: message.clientId, message: stored });
      follow();
      follower.messageSent();
    } catch (error) {
      const failure = error instanceof ApiError ? error : new ApiError(0, "");
      const reason = reasonOf(failure.status);
      const filesGone = failure.status === 404;
      dispatch({ type: "unsent", clientId: message.clientId, reason, problem: failure.message, filesGone });
      const unsent = state.outgoing.find(({ clientId }) => clientId === message.clientId);
      if (unsent !== undefined) outbox.put(unsent);
      // It may have been stored although no answer came: then the list shows it. And what reconnects, resends.
      follow();
    }
  };
  /** One after the other, so that a burst arrives in the order in which it was written. */
  const enqueue = (message: OutgoingMessage) => {
    sending = sending.then(() => deliver(message));
  };

  const resend = (clientId: string) => {
    const message = state.outgoing.find((one) => one.clientId === clientId);
    if (message?.unsent === undefined) return;
    dispatch({ type: "resent", clientId });
    enqueue(message);
  };

  const resendAfterNetworkLoss = () => {
    for (const { clientId, unsent } of state.outgoing) if (unsent === "network") resend(clientId);
  };

  const restoreUnsent = () => {
    for (const kept of outbox.list()) {
      ownIds.add(kept.clientId);
      const interrupted =
        kept.unsent === undefined && Math.abs(ports.now() - kept.createdAt) < resendWithinMs;
      if (interrupted) {
        dispatch({ type: "queued", outgoing: kept });
        enqueue(kept);
      } else {
        dispatch({ type: "queued", outgoing: { ...kept, unsent: kept.unsent ?? "left_over" } });
      }
    }
  };

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start() {
      const isFirst = !started;
      started = true;
      if (isFirst) {
        restoreUnsent();
        if (visitor.token() === undefined) {
          dispatch({ type: "synced", pending: false, awaitedSeqAtRequest: 0 });
          if (visitor.isExpected()) void identify();
        }
      }
      follow();
    },
    pause() {
      following?.abort();
      following = undefined;
    },
    networkIsBack() {
      follower.wake();
      if (visitor.isExpected()) void identify();
      resendAfterNetworkLoss();
    },
    send(text, attachments = []) {
      const message: OutgoingMessage = {
        clientId: ports.newId(),
        text,
        createdAt: ports.now(),
        ...(attachments.length === 0 ? {} : { attachments }),
      };
      ownIds.add(message.clientId);
      outbox.put(message);
      dispatch({ type: "queued", outgoing: message });
      enqueue(message);
    },
    resend,
    discard(clientId) {
      outbox.remove(clientId);
      dispatch({ type: "discarded", clientId });
    },
    async rate(messageId, rating) {
      const former = state.messages.find((message) => message.id === messageId)?.rating;
      dispatch({ type: "rated", messageId, rating });
      try {
        await api.rate(visitor.require(), messageId, rating);
        return true;
      } catch {
        dispatch({ type: "rated", messageId, rating: former });
        return false;
      }
    },
    asVisitor: visitor.asVisitor,
  };
}

/** A token that is not known any more is the follower's to notice. */
function unlessUnknown(error: unknown): void {
  if (!(error instanceof ApiError && error.status === 401)) throw error;
}

function reasonOf(status: number): "network" | "busy" | "refused" {
  if (status === 0) return "network";
  return status === 401 || status === 429 || status >= 500 ? "busy" : "refused";
}
