import { AppError } from "../../errors.ts";

/** Makes messages up itself: there is no account that could be lost. */
const practicePuppet = "wechaty-puppet-mock";
export const gatewayPuppet = "wechaty-puppet-service";

export interface PuppetChoice {
  readonly puppet: string;
  readonly puppetToken?: string;
  readonly acceptUnofficial: boolean;
}

/**
 * Whether the account may be lost by using it. So is every puppet: the one that speaks WeChat's own interface is
 * replaced by `official-account/`, and of a gateway nobody here sees what is behind it.
 */
export function isUnofficial(puppet: string): boolean {
  return puppet !== practicePuppet;
}

/**
 * Throws `config.invalid` for an unofficial puppet that was not accepted, and for a gateway whose token cannot work.
 */
export function verifyPuppet({ puppet, puppetToken, acceptUnofficial }: PuppetChoice): void {
  if (isUnofficial(puppet) && !acceptUnofficial) {
    throw new AppError(
      "config.invalid",
      `${puppet} is no official way into WeChat: it breaks WeChat's terms, and the account may be closed. ` +
        "Set WECHAT_ACCEPT_UNOFFICIAL=yes to use it all the same, or WECHAT_OA_APP_ID, WECHAT_OA_APP_SECRET and " +
        "WECHAT_OA_TOKEN for an official account.",
      { details: { puppet } },
    );
  }
  if (puppet !== gatewayPuppet) return;
  // The part before the last underscore is the host name that the gateway's certificate must have.
  if (puppetToken === undefined || puppetToken.lastIndexOf("_") < 1) {
    throw new AppError(
      "config.invalid",
      `${gatewayPuppet} needs the gateway's token with its prefix, such as insecure_<uuid>: set WECHAT_PUPPET_TOKEN.`,
    );
  }
}
