import { type ApiClient, ApiError } from "./api-client.ts";
import type { Message, Rating } from "./api-types.ts";
import {
  type ChatAction,
  type ChatState,
  emptyChat,
  type OutgoingMessage,
  reduceChat,
} from "./message-store.ts";
import { createMessageFollower, type StreamDelays } from "./message-stream.ts";
import { createOutbox } from "./outbox.ts";
import type { KeyValueStorage } from "./safe-storage.ts";
import { tokenKey } from "./storage-keys.ts";

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
  send(text: string): void;
  resend(clientId: string): void;
  discard(clientId: string): void;
  /** False when the server did not take it; the mark is then back to what it was. */
  rate(messageId: string, rating: Rating): Promise<boolean>;
}

/**
 * Joins the API, the reducer and the phone's storage. A visitor is created with the first message, not with the
 * first look at the page. When the server no longer knows the token, a new conversation begins and everything
 * unsent goes into it.
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
  let visitor: Promise<string> | undefined;
  let sending: Promise<void> = Promise.resolve();

  const dispatch = (action: ChatAction) => {
    const wasOffline = state.connection === "offline";
    state = reduceChat(state, action);
    for (const listener of [...listeners]) listener();
    if (wasOffline && (state.connection === "live" || state.connection === "polling"))
      resendAfterNetworkLoss();
  };

  const requireToken = (): string => {
    const token = storage.get(tokenKey);
    if (token === undefined) throw new ApiError(401, "");
    return token;
  };

  const follower = createMessageFollower({
    listMessages: async (after, signal) => api.listMessages(requireToken(), after, signal),
    openEvents: async (after, signal) => api.openEvents(requireToken(), after, signal),
    cursor: () => state.cursor,
    awaitedSeq: () => state.awaitedSeq,
    onMessages: (messages) => {
      dispatch({ type: "arrived", messages });
      // What the stream has shown to be stored need not be kept.
      const waiting = new Set(state.outgoing.map(({ clientId }) => clientId));
      for (const { clientId } of outbox.list()) {
        if (ownIds.has(clientId) && !waiting.has(clientId)) outbox.remove(clientId);
      }
    },
    onSynced: (pending, awaitedSeqAtRequest) => dispatch({ type: "synced", pending, awaitedSeqAtRequest }),
    onPreview: (replyTo, text) => dispatch({ type: "previewed", replyTo, text }),
    onTyping: (replyTo) => dispatch({ type: "typing", replyTo }),
    onConnection: (connection) => dispatch({ type: "connected", connection }),
    onUnauthorized: () => forgetVisitor(storage.get(tokenKey)),
    random: ports.random,
    ...(ports.delays === undefined ? {} : { delays: ports.delays }),
  });
  const follow = () => {
    if (!started || following !== undefined || storage.get(tokenKey) === undefined) return;
    const current = new AbortController();
    following = current;
    follower.run(current.signal).finally(() => {
      if (following === current) following = undefined;
    });
  };

  const forgetVisitor = (token: string | undefined) => {
    if (token === undefined || storage.get(tokenKey) !== token) return;
    storage.remove(tokenKey);
    visitor = undefined;
    following?.abort();
    following = undefined;
    dispatch({ type: "renewed" });
  };

  const ensureVisitor = (): Promise<string> => {
    const token = storage.get(tokenKey);
    if (token !== undefined) return Promise.resolve(token);
    visitor ??= api
      .createVisitor()
      .then((created) => {
        storage.set(tokenKey, created.token);
        return created.token;
      })
      .finally(() => {
        visitor = undefined;
      });
    return visitor;
  };

  const post = async (message: OutgoingMessage): Promise<Message> => {
    const token = await ensureVisitor();
    try {
      return await api.sendMessage(token, message.clientId, message.text);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401)) throw error;
      forgetVisitor(token);
      return api.sendMessage(await ensureVisitor(), message.clientId, message.text);
    }
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
      dispatch({ type: "unsent", clientId: message.clientId, reason, problem: failure.message });
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
      const { clientId, text, createdAt } = kept;
      const interrupted = kept.unsent === undefined && Math.abs(ports.now() - createdAt) < resendWithinMs;
      if (interrupted) {
        const message = { clientId, text, createdAt };
        dispatch({ type: "queued", outgoing: message });
        enqueue(message);
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
        if (storage.get(tokenKey) === undefined) {
          dispatch({ type: "synced", pending: false, awaitedSeqAtRequest: 0 });
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
      resendAfterNetworkLoss();
    },
    send(text) {
      const message: OutgoingMessage = { clientId: ports.newId(), text, createdAt: ports.now() };
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
        await api.rate(requireToken(), messageId, rating);
        return true;
      } catch {
        dispatch({ type: "rated", messageId, rating: former });
        return false;
      }
    },
  };
}

function reasonOf(status: number): "network" | "busy" | "refused" {
  if (status === 0) return "network";
  return status === 401 || status === 429 || status >= 500 ? "busy" : "refused";
}
