import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ChannelHealth } from "../../messaging/channel-health.ts";
import type { ConversationStore } from "../../messaging/conversation-store.ts";
import type { Channel, ChannelCapabilities } from "../channel.ts";
import { Receipts } from "./receipts.ts";
import { mountReceive, type ReceiveParts } from "./receive.ts";
import { filesPath, mountReceiveFile, type ReceiveFileParts } from "./receive-file.ts";
import { mountSend, type SendParts } from "./send.ts";
import { mountSendFile, type SendFileParts } from "./send-file.ts";
import { StreamSlots } from "./stream-slots.ts";
import { uploadKinds } from "./uploads.ts";
import { createVerifyVisitor } from "./verify.ts";
import { createVerifyIdentity } from "./verify-identity.ts";
import { channelName, mountVisitors, type VisitorParts } from "./visitors.ts";

/** What the channel chooses itself unless it is told. */
interface Choices extends Pick<ReceiveFileParts, "uploadSilenceMs" | "uploadsAtOnce"> {
  /** Milliseconds between signs of life on a quiet stream. Default 15 000. */
  readonly heartbeatMs: number;
  /** Default 5. */
  readonly streamsPerVisitor: number;
}

export interface WebChannelOptions
  extends Omit<ReceiveParts, "conversations" | "receipts">,
    Omit<SendParts, "conversations" | "receipts" | "heartbeatMs">,
    Omit<VisitorParts, "conversations" | "verifyIdentity">,
    Omit<ReceiveFileParts, keyof Choices>,
    SendFileParts,
    Partial<Choices> {
  readonly conversations: Pick<
    ConversationStore,
    "open" | "messagesAfter" | "pendingMessage" | "rate" | "acknowledge"
  >;
  /** Verifies visitors' identities: a secret or a public key in PEM. Absent: none is accepted. */
  readonly identityKey?: string | undefined;
  readonly now: () => Date;
}

export interface WebChannel extends Channel {
  /** Adds the routes below `/api` that the worker's page uses. */
  readonly mount: (app: OpenAPIHono) => void;
  /** Paths whose bodies are no JSON and which keep their own limits. */
  readonly rawPaths: readonly string[];
  /** Ends every event stream, so that the server can stop. */
  endStreams(): void;
}

const capabilities: ChannelCapabilities = {
  // The page sets no limit, and nothing is split: this is more than anybody says.
  longestText: 100_000,
  sources: "page",
  quickReplies: "buttons",
  receives: uploadKinds,
  edits: false,
  deletions: false,
  groups: false,
  typing: true,
  previews: true,
  confirms: true,
};

/**
 * The web page as a channel: messages come in by POST and go out by polling or server-sent events, as far as the
 * visitor has not confirmed them. Throws `config.invalid` for an identity key that cannot be used.
 */
export function createWebChannel({
  heartbeatMs = 15_000,
  streamsPerVisitor = 5,
  uploadSilenceMs = 30_000,
  uploadsAtOnce = 16,
  identityKey,
  ...given
}: WebChannelOptions): WebChannel {
  const { now } = given;
  const parts = {
    ...given,
    heartbeatMs,
    uploadSilenceMs,
    uploadsAtOnce,
    receipts: new Receipts(given.conversations),
    verifyIdentity: identityKey === undefined ? undefined : createVerifyIdentity(identityKey, now),
  };
  const verify = createVerifyVisitor(parts.visitors, now);
  const slots = new StreamSlots(streamsPerVisitor);
  let health = stateNow("starting");

  function stateNow(state: ChannelHealth["state"]): ChannelHealth {
    return { state, since: now().toISOString() };
  }
  return {
    name: channelName,
    capabilities,
    exclusive: false,
    rawPaths: [filesPath],
    mount: (app) => {
      mountVisitors(app, parts);
      mountReceive(app, parts, verify);
      mountReceiveFile(app, parts, verify);
      mountSend(app, parts, verify, slots);
      mountSendFile(app, parts, verify);
    },
    start: async () => {
      health = stateNow("ready");
    },
    stop: async () => {
      slots.endAll();
      health = { ...stateNow("down"), reason: "stopped" };
    },
    health: () => health,
    endStreams: () => slots.endAll(),
  };
}
