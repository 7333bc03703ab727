import { createHash } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { VisitorStore } from "../../messaging/conversation-store.ts";
import { RecentMap } from "./recent-map.ts";

/** 32 bytes in base64url. */
const bearerToken = /^Bearer ([A-Za-z0-9_-]{43})$/i;

/** Milliseconds for which a token that was looked up is taken for known: so late ends what was deleted. */
const knownFor = 30_000;

/** Tokens that are remembered; a look-up more is all that one too many costs. */
const mostKnown = 10_000;

/** What is stored of a token. A token has 256 random bits, so a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Says whose request it is. */
export interface VerifyVisitor {
  /**
   * Resolves to the conversation of the visitor who sends this `Authorization` header. Throws
   * `channel.unknown_visitor` for a missing, malformed or unknown token.
   */
  (authorization: string | undefined): Promise<string>;
  /**
   * Stores something for the visitor behind this header. Where their conversation turns out to be gone, the token
   * is not remembered any longer: the page hears it with this request, and not half a minute later.
   */
  readonly storing: <T>(authorization: string | undefined, work: () => Promise<T>) => Promise<T>;
}

/**
 * Looks visitors up by the hash of their token, so that comparing takes the same time however much of a guessed
 * token is right. A token that was found is not looked up again for 30 s.
 */
export function createVerifyVisitor(visitors: VisitorStore, now: () => Date): VerifyVisitor {
  const known = new RecentMap<{ readonly conversationId: string; readonly at: number }>(mostKnown);
  const conversationOf = async (hash: string): Promise<string | undefined> => {
    const at = now().getTime();
    const remembered = known.get(hash);
    if (remembered !== undefined && Math.abs(at - remembered.at) < knownFor) {
      return remembered.conversationId;
    }
    const conversationId = await visitors.conversationOf(hash);
    if (conversationId === undefined) {
      known.delete(hash);
    } else {
      known.set(hash, { conversationId, at });
    }
    return conversationId;
  };
  const verify = async (authorization: string | undefined) => {
    const token = tokenIn(authorization);
    const conversationId = token === undefined ? undefined : await conversationOf(hashToken(token));
    if (conversationId === undefined) {
      throw new AppError("channel.unknown_visitor", "The visitor token is missing or unknown.");
    }
    return conversationId;
  };
  const storing = async <T>(authorization: string | undefined, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (error instanceof AppError && error.code === "channel.unknown_visitor") {
        known.delete(hashToken(tokenIn(authorization) ?? ""));
      }
      throw error;
    }
  };
  return Object.assign(verify, { storing });
}

function tokenIn(authorization: string | undefined): string | undefined {
  return bearerToken.exec(authorization ?? "")?.[1];
}
