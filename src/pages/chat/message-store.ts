import type { Attachment, Message, Rating } from "./api-types.ts";
import type { Connection } from "./message-stream.ts";

/**
 * Why a message still lies on this phone: `network` no answer came; `busy` the server asked to wait; `refused` the
 * server will not take it as it is; `left_over` from an earlier visit to the page.
 */
export type UnsentReason = "network" | "busy" | "refused" | "left_over";

/** A message that the server has not acknowledged. */
export interface OutgoingMessage {
  readonly clientId: string;
  readonly text: string;
  /** Files that the server keeps already. */
  readonly attachments?: readonly Attachment[];
  /** Milliseconds since 1970, by the phone's clock. */
  readonly createdAt: number;
  /** Undefined while it is on its way. */
  readonly unsent?: UnsentReason;
  /** The server's own sentence on why, where it gave one. */
  readonly problem?: string;
}

export interface ChatState {
  /** Ordered by `seq`, each once. */
  readonly messages: readonly Message[];
  readonly outgoing: readonly OutgoingMessage[];
  /** Last message received in order. An acknowledgement does not move it: an earlier one may still be coming. */
  readonly cursor: number;
  /** Newest contact message whose turn has not ended; 0 when nothing is awaited. */
  readonly awaitedSeq: number;
  readonly preview: { readonly replyTo: string; readonly text: string } | undefined;
  readonly connection: Connection;
  /** False until the first list has arrived: what comes before is history, not news. */
  readonly historyLoaded: boolean;
  /** The server no longer knew the earlier conversation, a new one has begun. */
  readonly renewed: boolean;
  /** What that earlier one said last: it may be the receipt for deleting it. */
  readonly farewell: readonly Message[];
  /** A line of the server that belongs to no message. */
  readonly note: string;
}

export type ChatAction =
  | { readonly type: "queued"; readonly outgoing: OutgoingMessage }
  | { readonly type: "resent"; readonly clientId: string }
  | {
      readonly type: "unsent";
      readonly clientId: string;
      readonly reason: UnsentReason;
      readonly problem: string;
      /** The server does not know the files: only the text can be sent again. */
      readonly filesGone?: boolean;
    }
  | { readonly type: "discarded"; readonly clientId: string }
  | { readonly type: "accepted"; readonly clientId: string; readonly message: Message }
  | { readonly type: "arrived"; readonly messages: readonly Message[] }
  | { readonly type: "synced"; readonly pending: boolean; readonly awaitedSeqAtRequest: number }
  | { readonly type: "previewed"; readonly replyTo: string; readonly text: string }
  | { readonly type: "typing"; readonly replyTo: string }
  | { readonly type: "rated"; readonly messageId: string; readonly rating: Rating | undefined }
  | { readonly type: "connected"; readonly connection: Connection }
  | { readonly type: "noted"; readonly line: string }
  | { readonly type: "renewed" };

export const emptyChat: ChatState = {
  messages: [],
  outgoing: [],
  cursor: 0,
  awaitedSeq: 0,
  preview: undefined,
  connection: "idle",
  historyLoaded: false,
  renewed: false,
  farewell: [],
  note: "",
};

/** The state after an action. Pure; unknown ids change nothing. */
export function reduceChat(state: ChatState, action: ChatAction): ChatState {
  switch (action.type) {
    case "queued":
      return { ...state, outgoing: [...state.outgoing, action.outgoing] };
    case "resent":
      return editOutgoing(
        state,
        action.clientId,
        ({ unsent: _reason, problem: _problem, ...message }) => message,
      );
    case "unsent": {
      const { reason: unsent, problem, filesGone } = action;
      return editOutgoing(state, action.clientId, ({ attachments, ...message }) => ({
        ...message,
        unsent,
        problem,
        ...(attachments === undefined || filesGone ? {} : { attachments }),
      }));
    }
    case "discarded":
      return withoutOutgoing(state, action.clientId);
    case "accepted":
      return awaitReply(merge(withoutOutgoing(state, action.clientId), [action.message]), action.message);
    case "arrived":
      return action.messages.reduce(arrive, state);
    case "synced":
      return sync({ ...state, historyLoaded: true }, action.pending, action.awaitedSeqAtRequest);
    case "previewed":
      return isAnswered(state, action.replyTo)
        ? state
        : { ...state, preview: { replyTo: action.replyTo, text: action.text } };
    case "typing": {
      const question = state.messages.find((message) => message.id === action.replyTo);
      return question === undefined ? state : awaitReply(state, question);
    }
    case "rated":
      return {
        ...state,
        messages: state.messages.map((message) => {
          if (message.id !== action.messageId) return message;
          const { rating: _former, ...rest } = message;
          return action.rating === undefined ? rest : { ...rest, rating: action.rating };
        }),
      };
    case "connected":
      return { ...state, connection: action.connection };
    case "noted":
      return { ...state, note: action.line };
    case "renewed":
      return {
        ...emptyChat,
        outgoing: state.outgoing,
        historyLoaded: true,
        renewed: true,
        farewell: saidLast(state.messages),
      };
  }
}

function editOutgoing(
  state: ChatState,
  clientId: string,
  edit: (message: OutgoingMessage) => OutgoingMessage,
): ChatState {
  const outgoing = state.outgoing.map((message) => (message.clientId === clientId ? edit(message) : message));
  return { ...state, outgoing };
}

function withoutOutgoing(state: ChatState, clientId: string): ChatState {
  return { ...state, outgoing: state.outgoing.filter((message) => message.clientId !== clientId) };
}

function merge(state: ChatState, arrived: readonly Message[]): ChatState {
  const ids = new Set(arrived.map((message) => message.id));
  const messages = [...state.messages.filter((message) => !ids.has(message.id)), ...arrived];
  return { ...state, messages: messages.sort((one, other) => one.seq - other.seq) };
}

function isAnswered(state: ChatState, messageId: string): boolean {
  return state.messages.some((message) => message.replyTo === messageId);
}

/** Marks a contact message as awaited unless a reply to it, or to a later one, already stands. */
function awaitReply(state: ChatState, question: Message): ChatState {
  const answered = state.messages.some((reply) => {
    if (reply.replyTo === undefined) return false;
    if (reply.replyTo === question.id) return true;
    return (state.messages.find((message) => message.id === reply.replyTo)?.seq ?? 0) > question.seq;
  });
  return answered ? state : { ...state, awaitedSeq: Math.max(state.awaitedSeq, question.seq) };
}

function arrive(before: ChatState, message: Message): ChatState {
  const isNew = !before.messages.some((known) => known.id === message.id);
  const state = { ...merge(before, [message]), cursor: Math.max(before.cursor, message.seq) };
  if (message.sender === "contact") {
    return isNew && state.historyLoaded ? awaitReply(dropDelivered(state, message), message) : state;
  }
  const preview = state.preview?.replyTo === message.replyTo ? undefined : state.preview;
  const question = state.messages.find((known) => known.id === message.replyTo);
  // One reply may answer a burst: it names the last message of it.
  const done = question !== undefined && question.seq >= state.awaitedSeq;
  return done ? { ...state, awaitedSeq: 0, preview: undefined } : { ...state, preview };
}

/**
 * The stream may bring the contact's own message before the acknowledgement of its sending, or although that was
 * lost: the copy that still waits here must not stand beside it. Messages carry no client id, so the content
 * decides; the one on its way goes first.
 */
function dropDelivered(state: ChatState, arrived: Message): ChatState {
  const same = state.outgoing.filter((message) => contentOf(message) === contentOf(arrived));
  const delivered =
    same.find((message) => message.unsent === undefined) ??
    same.find((message) => message.unsent === "network");
  return delivered === undefined ? state : withoutOutgoing(state, delivered.clientId);
}

/** The server removes control characters and outer blanks. */
function contentOf({ text, attachments = [] }: Pick<OutgoingMessage, "text" | "attachments">): string {
  return [text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ""), ...attachments.map(({ id }) => id)].join("\n");
}

/** What came after the contact's own last message. */
function saidLast(messages: readonly Message[]): readonly Message[] {
  const own = messages.map(({ sender }) => sender).lastIndexOf("contact");
  return messages.slice(own + 1);
}

function sync(state: ChatState, pending: boolean, awaitedSeqAtRequest: number): ChatState {
  if (pending) {
    const contactSeqs = state.messages.filter(({ sender }) => sender === "contact").map(({ seq }) => seq);
    return { ...state, awaitedSeq: Math.max(state.awaitedSeq, ...contactSeqs) };
  }
  // A message stored while the list was on its way is not part of what the list says about "pending".
  if (state.awaitedSeq !== awaitedSeqAtRequest) return state;
  return { ...state, awaitedSeq: 0, preview: undefined };
}
