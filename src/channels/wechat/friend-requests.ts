import type { PlatformEvent } from "../../messaging/platform-event.ts";
import { friendshipTypes, type WechatAccount } from "./puppet.ts";
import { reasonOf } from "./puppet-error.ts";
import { addressOf } from "./receive.ts";

export interface FriendRequestParts {
  /** Whether whoever asks becomes a friend; otherwise requests are left for a person. */
  readonly accept: boolean;
  readonly handIn: { add(event: PlatformEvent): void };
  readonly logger: {
    info(details: Readonly<Record<string, unknown>>, message: string): void;
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
  };
}

/**
 * Accepts a request by rule. A friendship that is confirmed says that the contact can be reached, also after they had
 * ended it before.
 */
export async function handleFriendship(
  { puppet }: WechatAccount,
  id: string,
  { accept, handIn, logger }: FriendRequestParts,
): Promise<void> {
  try {
    const { type, contactId } = await puppet.friendshipPayload(id);
    if (type === friendshipTypes.confirm && contactId) {
      handIn.add({ type: "unblocked", address: addressOf(contactId) });
    }
    if (type !== friendshipTypes.receive) return;
    if (!accept) {
      logger.info({}, "a WeChat friend request was left for a person");
      return;
    }
    await puppet.friendshipAccept(id);
    logger.info({}, "a WeChat friend request was accepted");
  } catch (err) {
    logger.warn({ reason: reasonOf(err) }, "a WeChat friend request could not be handled");
  }
}
