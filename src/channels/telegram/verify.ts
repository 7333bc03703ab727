import { createHash, timingSafeEqual } from "node:crypto";

const digest = (text: string) => createHash("sha256").update(text).digest();

/**
 * Tells whether a webhook request carries the secret that was given to Telegram. Hashes are compared, so that the
 * time taken says neither how much of a guess is right nor how long the secret is.
 */
export function createVerifySecret(secret: string): (header: string | undefined) => boolean {
  const expected = digest(secret);
  return (header) => timingSafeEqual(digest(header ?? ""), expected) && header !== undefined;
}
