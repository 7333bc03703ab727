import { AppError } from "../../errors.ts";
import type { Channel } from "../channel.ts";
import type { LoginCode } from "./login-code.ts";
import {
  type AccountWaits,
  createOfficialAccountChannel,
  type OfficialAccountOptions,
  type OfficialAccountSettings,
  type WebhookServer,
} from "./official-account/channel.ts";
import { createPuppetChannel, type PuppetChannelOptions, type PuppetWaits } from "./puppet-channel.ts";
import { loadPuppet } from "./puppet-session.ts";
import { isUnofficial, verifyPuppet } from "./verify.ts";

export interface WechatChannelSettings {
  /** The npm name of the puppet. */
  readonly puppet: string;
  readonly puppetToken?: string;
  readonly puppetEndpoint?: string;
  /** Whether the operator knows that the account may be lost. */
  readonly acceptUnofficial: boolean;
  /** Whether friend requests are accepted. */
  readonly acceptFriends: boolean;
  /** Set: the official account is served, without wechaty, whatever the puppet is. */
  readonly officialAccount?: OfficialAccountSettings;
}

export interface WechatChannelOptions
  extends Omit<PuppetChannelOptions, "acceptFriends" | "waits">,
    Pick<OfficialAccountOptions, "sendWaiting" | "apiRoot"> {
  readonly settings: WechatChannelSettings;
  /** All in milliseconds. */
  readonly waits?: Partial<PuppetWaits & AccountWaits> | undefined;
}

export interface WechatChannel extends Channel {
  /** The code that waits to be scanned, for the console; undefined where none does. */
  loginCode(): LoginCode | undefined;
  /** Only of the official account: adds the address at which the platform hands in messages, `webhookPath`. */
  readonly mount?: (server: WebhookServer) => void;
}

const officialPuppet = "wechaty-puppet-official-account";

/**
 * WeChat as a channel: an official account where one is set, else the account behind a wechaty puppet. wechaty is
 * loaded only for the latter.
 *
 * Rejects with `config.invalid` where the settings forbid or lack something, and with `channel.unavailable` and the
 * line that installs it where the puppet is not there.
 */
export async function createWechatChannel(options: WechatChannelOptions): Promise<WechatChannel> {
  const { settings, logger } = options;
  if (settings.officialAccount !== undefined) {
    const account = createOfficialAccountChannel({ ...options, settings: settings.officialAccount });
    return { ...account, loginCode: () => undefined };
  }
  if (settings.puppet === officialPuppet) {
    throw new AppError(
      "config.invalid",
      "An official account needs WECHAT_OA_APP_ID, WECHAT_OA_APP_SECRET and WECHAT_OA_TOKEN.",
    );
  }
  verifyPuppet(settings);
  const open = await loadPuppet(settings, logger);
  if (isUnofficial(settings.puppet)) {
    logger.warn(
      { puppet: settings.puppet },
      "this way into WeChat breaks WeChat's terms of use: the account may be restricted or closed at any time",
    );
  }
  return createPuppetChannel(open, { ...options, acceptFriends: settings.acceptFriends });
}
