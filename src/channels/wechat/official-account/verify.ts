import { createHash, timingSafeEqual } from "node:crypto";
import { AppError } from "../../../errors.ts";

/** Requests signed longer ago, or in the future, are somebody's copies. */
const longestAgeMs = 10 * 60_000;

/** WeChat's signature: SHA-1 in hex over the values in the order of their characters. */
export function signatureOf(...values: readonly string[]): string {
  return createHash("sha1")
    .update([...values].sort().join(""))
    .digest("hex");
}

/**
 * Throws `channel.unverified` unless WeChat signed this request just now. `more` is what is signed beside timestamp and
 * nonce: an encrypted body has its own signature under `name`.
 */
export function verifySignature(
  query: URLSearchParams,
  {
    token,
    now,
    name = "signature",
    more = [],
  }: {
    readonly token: string;
    readonly now: () => Date;
    readonly name?: string;
    readonly more?: readonly string[];
  },
): void {
  const [given, timestamp, nonce] = [query.get(name), query.get("timestamp"), query.get("nonce")];
  const signedAt = Number(timestamp) * 1_000;
  const isFresh = /^\d{1,12}$/.test(timestamp ?? "") && Math.abs(now().getTime() - signedAt) <= longestAgeMs;
  if (given === null || nonce === null || timestamp === null || !isFresh) throw unverified();
  const expected = Buffer.from(signatureOf(token, timestamp, nonce, ...more));
  const actual = Buffer.from(given);
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw unverified();
}

function unverified(): AppError {
  return new AppError("channel.unverified", "The request is not signed by WeChat.");
}
