import { createCipheriv, createDecipheriv } from "node:crypto";
import { AppError } from "../../../errors.ts";

/** Bytes to which WeChat pads. */
const block = 32;

/**
 * WeChat's "safe mode": AES-256-CBC over 16 random bytes, the length of the message, the message and the app id. The
 * key is the account's EncodingAESKey, 43 characters of base64; its beginning is the IV.
 */
export class MessageCrypt {
  readonly #key: Buffer;
  readonly #appId: string;

  /** Throws `config.invalid` for a key of another length. */
  constructor(encodingAesKey: string, appId: string) {
    this.#key = Buffer.from(`${encodingAesKey}=`, "base64");
    this.#appId = appId;
    if (this.#key.length !== 32) {
      throw new AppError(
        "config.invalid",
        "The EncodingAESKey of the official account must have 43 characters.",
      );
    }
  }

  /** Throws `channel.unverified` for what was not encrypted for this account. */
  decrypt(encrypted: string): string {
    let plain: Buffer;
    try {
      const decipher = createDecipheriv("aes-256-cbc", this.#key, this.#key.subarray(0, 16));
      decipher.setAutoPadding(false);
      plain = Buffer.concat([decipher.update(encrypted, "base64"), decipher.final()]);
    } catch {
      throw unreadable();
    }
    const padding = plain.at(-1) ?? 0;
    if (padding < 1 || padding > block || plain.length < 20 + padding) throw unreadable();
    const end = 20 + plain.readUInt32BE(16);
    const content = plain.subarray(0, plain.length - padding);
    if (end > content.length || content.subarray(end).toString("utf8") !== this.#appId) throw unreadable();
    return content.subarray(20, end).toString("utf8");
  }

  /** `random`: 16 bytes that nobody can guess. */
  encrypt(message: string, random: Uint8Array): string {
    const text = Buffer.from(message);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    const content = Buffer.concat([random, length, text, Buffer.from(this.#appId)]);
    const padding = block - (content.length % block);
    const cipher = createCipheriv("aes-256-cbc", this.#key, this.#key.subarray(0, 16));
    cipher.setAutoPadding(false);
    return Buffer.concat([
      cipher.update(content),
      cipher.update(Buffer.alloc(padding, padding)),
      cipher.final(),
    ]).toString("base64");
  }
}

function unreadable(): AppError {
  return new AppError("channel.unverified", "The body is not encrypted for this official account.");
}
