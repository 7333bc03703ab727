import { createHash } from "node:crypto";
import { AppError } from "../../errors.ts";
import type { VisitorStore } from "../../messaging/conversation-store.ts";

/** 32 bytes in base64url. */
const bearerToken = /^Bearer ([A-Za-z0-9_-]{43})$/i;

/** What is stored of a token. A token has 256 random bits, so a plain hash is enough. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Resolves to the conversation of the visitor who sends this `Authorization` header. */
export type VerifyVisitor = (authorization: string | undefined) => Promise<string>;

/**
 * Looks visitors up by the hash of their token, so that comparing takes the same time however much of a guessed
 * token is right. The function throws `channel.unknown_visitor` for a missing, malformed or unknown token.
 */
export function createVerifyVisitor(visitors: VisitorStore): VerifyVisitor {
  return async (authorization) => {
    const token = bearerToken.exec(authorization ?? "")?.[1];
    const conversationId = token === undefined ? undefined : await visitors.conversationOf(hashToken(token));
    if (conversationId === undefined) {
      throw new AppError("channel.unknown_visitor", "The visitor token is missing or unknown.");
    }
    return conversationId;
  };
}
