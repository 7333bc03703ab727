import { randomUUID } from "node:crypto";
import {
  createWechatChannel,
  type WechatChannel,
  type WechatChannelOptions,
  type WechatChannelSettings,
} from "../../../src/channels/wechat/channel.ts";
import type { MemoryFiles, RecordingInbox, recordingLogger } from "./recording-ports.ts";

interface OpenOptions extends Omit<Partial<WechatChannelOptions>, "settings" | "inbox" | "files" | "logger"> {
  readonly gateway: { readonly endpoint: string; readonly token: string };
  readonly inbox: RecordingInbox;
  readonly files: MemoryFiles;
  readonly logger: ReturnType<typeof recordingLogger>;
  readonly settings?: Partial<WechatChannelSettings>;
}

/** The channel against a gateway, with rests so short that a test need not wait for them. */
export function openChannel({
  gateway,
  settings = {},
  waits = {},
  ...options
}: OpenOptions): Promise<WechatChannel> {
  return createWechatChannel({
    longestFile: 1_000_000,
    newId: randomUUID,
    now: () => new Date(),
    ...options,
    settings: {
      puppet: "wechaty-puppet-service",
      puppetToken: gateway.token,
      puppetEndpoint: gateway.endpoint,
      acceptUnofficial: true,
      acceptFriends: true,
      ...settings,
    },
    waits: {
      restMs: 50,
      longestRestMs: 200,
      heartbeatMs: 100,
      silenceMs: 3_000,
      loginMs: 5_000,
      stopMs: 2_000,
      settledMs: 500,
      readAgainMs: 50,
      storeRestMs: 20,
      drainMs: 2_000,
      ...waits,
    },
  });
}
