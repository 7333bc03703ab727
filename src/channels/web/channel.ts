import type { OpenAPIHono } from "@hono/zod-openapi";
import { mountReceive, type ReceiveParts } from "./receive.ts";
import { mountSend, type SendParts } from "./send.ts";
import { StreamSlots } from "./stream-slots.ts";
import { createVerifyVisitor } from "./verify.ts";

export interface WebChannelOptions
  extends Omit<ReceiveParts, "queue">,
    Omit<SendParts, "queue" | "heartbeatMs"> {
  readonly conversations: ReceiveParts["conversations"];
  readonly queue: ReceiveParts["queue"] & SendParts["queue"];
  /** Milliseconds between signs of life on a quiet stream. Default 15 000. */
  readonly heartbeatMs?: number;
  /** Default 5. */
  readonly streamsPerVisitor?: number;
}

export interface WebChannel {
  /** Adds the routes below `/api` that the worker's page uses. */
  readonly mount: (app: OpenAPIHono) => void;
  /** Ends every event stream, so that the server can stop. */
  endStreams(): void;
}

/** The web page as a channel: messages come in by POST and go out by polling or server-sent events. */
export function createWebChannel({
  heartbeatMs = 15_000,
  streamsPerVisitor = 5,
  ...parts
}: WebChannelOptions): WebChannel {
  const verify = createVerifyVisitor(parts.visitors);
  const slots = new StreamSlots(streamsPerVisitor);
  return {
    mount: (app) => {
      mountReceive(app, parts, verify);
      mountSend(app, { ...parts, heartbeatMs }, verify, slots);
    },
    endStreams: () => slots.endAll(),
  };
}
