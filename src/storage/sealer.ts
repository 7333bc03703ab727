import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { AppError } from "../errors.ts";
import type { PlatformAddress } from "../messaging/platform-event.ts";

/** How platform ids and secrets are written in the database. */
export interface Sealer {
  /** Under what a platform's key is looked up: the same key always gives the same hash. */
  hash(channel: string, key: string): string;
  /** Encrypted, each time differently; without a key only marked as plain. */
  seal(text: string): string;
  /**
   * What `seal` was given. Plain values open with every sealer. Throws `config.invalid` where a value was sealed
   * with a key that this sealer does not have, and `storage.unavailable` where a value was altered.
   */
  open(sealed: string): string;
}

/** A sealer that also tells by which key a value was written. */
export interface KeyedSealer extends Sealer {
  /**
   * What every value of this sealer begins with: `plain:`, or the format with a fingerprint of the key, from which
   * the key cannot be found. A value with another beginning was written with another key, or without one.
   */
  readonly prefix: string;
}

/** What every value begins with that was written without a key. */
export const plainPrefix = "plain:";

const format = "v1";
const nonceLength = 12;
const tagLength = 16;

/**
 * Seals with AES-256-GCM and looks up by HMAC-SHA-256, each with a key of its own derived from `key` (32 bytes);
 * without one values stay readable and are looked up by SHA-256.
 */
export function createSealer(key?: Uint8Array): KeyedSealer {
  return key === undefined ? plainSealer : keyedSealer(key);
}

/** An address as the table `addresses` holds it; `reseal` reads its key from there to look it up anew. */
export function sealAddress(sealer: Sealer, address: PlatformAddress): string {
  return sealer.seal(JSON.stringify(address));
}

export function openAddress(sealer: Sealer, sealed: string): PlatformAddress {
  return addressIn(sealer.open(sealed));
}

/** The address in an opened value. */
export function addressIn(text: string): PlatformAddress {
  return JSON.parse(text) as PlatformAddress;
}

const plainSealer: KeyedSealer = {
  prefix: plainPrefix,
  hash: (channel, key) => createHash("sha256").update(lookedUp(channel, key)).digest("hex"),
  seal: (text) => plainPrefix + text,
  open: (sealed) => plainText(sealed) ?? refuseForeign(),
};

function keyedSealer(key: Uint8Array): KeyedSealer {
  const sealingKey = derive(key, "seal");
  const hashingKey = derive(key, "look up");
  const prefix = `${format}:${derive(key, "fingerprint").subarray(0, 9).toString("base64url")}:`;
  return {
    prefix,
    hash: (channel, name) => createHmac("sha256", hashingKey).update(lookedUp(channel, name)).digest("hex"),
    seal: (text) => {
      const nonce = randomBytes(nonceLength);
      const cipher = createCipheriv("aes-256-gcm", sealingKey, nonce, { authTagLength: tagLength });
      const bytes = Buffer.concat([nonce, cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
      return prefix + bytes.toString("base64url");
    },
    open: (sealed) => {
      if (!sealed.startsWith(prefix)) {
        return plainText(sealed) ?? refuseForeign();
      }
      return decrypt(Buffer.from(sealed.slice(prefix.length), "base64url"), sealingKey);
    },
  };
}

function decrypt(bytes: Buffer, key: Buffer): string {
  try {
    const nonce = bytes.subarray(0, nonceLength);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: tagLength });
    decipher.setAuthTag(bytes.subarray(-tagLength));
    const text = decipher.update(bytes.subarray(nonceLength, -tagLength));
    return Buffer.concat([text, decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new AppError(
      "storage.unavailable",
      "A sealed value in the database was altered: restore it from a backup.",
      { cause },
    );
  }
}

function derive(key: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync("sha256", key, "", `niangjia ${format} ${purpose}`, 32));
}

/** The channel stands before it: one person's numbers on two platforms are two contacts. */
function lookedUp(channel: string, key: string): string {
  return `${channel}\n${key}`;
}

function plainText(sealed: string): string | undefined {
  return sealed.startsWith(plainPrefix) ? sealed.slice(plainPrefix.length) : undefined;
}

function refuseForeign(): never {
  throw new AppError(
    "config.invalid",
    "The database holds platform ids or secrets that were sealed with another key: set ENCRYPTION_KEY to the key " +
      "that was in use.",
  );
}
