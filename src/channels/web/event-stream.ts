import type { ConversationEvents } from "../../messaging/conversation-events.ts";
import type { ConversationStore } from "../../messaging/conversation-store.ts";
import { toWebMessage } from "./web-message.ts";

export interface EventStreamParts {
  readonly conversations: Pick<ConversationStore, "messagesAfter" | "pendingMessage">;
  readonly events: ConversationEvents;
  /** Milliseconds between signs of life on a quiet stream. */
  readonly heartbeatMs: number;
}

/** One visitor's stream. */
export interface EventStreamRequest {
  readonly conversationId: string;
  /** The last `seq` that the visitor has. */
  readonly after: number;
  /** Whether the visitor's conversation still exists: asked at every heartbeat. */
  readonly isKnown: () => Promise<boolean>;
}

const batch = 100;

/**
 * The server-sent events of one conversation, frame by frame: stored messages with `seq > after`, then what
 * happens, until the signal aborts or the conversation is gone. The next frame is made when the last one was taken,
 * so a slow reader holds nothing but its place. At every heartbeat the store is read too: another process may have
 * written to it.
 */
export async function* eventFrames(
  { conversations, events, heartbeatMs }: EventStreamParts,
  { conversationId, after, isKnown }: EventStreamRequest,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  let cursor = after;
  const subscription = events.subscribe(conversationId);
  async function* newMessages() {
    for (;;) {
      const messages = await conversations.messagesAfter(conversationId, cursor, batch);
      for (const message of messages) {
        cursor = message.seq;
        yield frame("message", toWebMessage(message), message.seq);
      }
      if (messages.length < batch) {
        return;
      }
    }
  }
  try {
    yield "retry: 3000\n\n";
    yield* newMessages();
    const replyTo = await conversations.pendingMessage(conversationId);
    if (replyTo !== undefined) {
      yield frame("typing", { replyTo });
    }
    while (!signal.aborted) {
      const { message, typing, preview } = await subscription.next(heartbeatMs, signal);
      const quiet = message === undefined && typing === undefined && preview === undefined;
      if (signal.aborted) {
        return;
      }
      if (message || quiet) {
        yield* newMessages();
      }
      if (typing !== undefined) {
        yield frame("typing", { replyTo: typing.replyTo });
      }
      if (preview !== undefined) {
        yield frame("preview", { replyTo: preview.replyTo, text: preview.text });
      }
      if (quiet) {
        yield ": heartbeat\n\n";
        if (!(await isKnown())) {
          return;
        }
      }
    }
  } finally {
    subscription.close();
  }
}

function frame(event: string, data: unknown, id?: number): string {
  return `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}

/**
 * A byte stream of frames that pulls one when the reader wants one. `onEnd` is called once, whether the frames
 * end, fail or the reader goes away; `stop` must make waiting frames return.
 */
export function byteStream(
  frames: AsyncGenerator<string, void, undefined>,
  { stop, onEnd, onError }: { stop: () => void; onEnd: () => void; onError: (error: unknown) => void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let gone = false;
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await frames.next();
        if (gone) {
          return;
        }
        if (!done) {
          controller.enqueue(encoder.encode(value));
          return;
        }
      } catch (error) {
        if (gone) {
          return;
        }
        onError(error);
      }
      gone = true;
      onEnd();
      controller.close();
    },
    async cancel() {
      if (gone) {
        return;
      }
      gone = true;
      stop();
      onEnd();
      await frames.return();
    },
  });
}
