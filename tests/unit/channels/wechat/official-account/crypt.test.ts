import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { MessageCrypt } from "../../../../../src/channels/wechat/official-account/crypt.ts";

const key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const crypt = new MessageCrypt(key, "wx1");

test("what was sealed is opened again, whatever its length", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      expect(crypt.decrypt(crypt.encrypt(text, randomBytes(16)))).toBe(text);
    }),
  );
});

test("what was sealed for another account or with another key is refused", () => {
  const unverified = expect.objectContaining({ code: "channel.unverified" });
  const sealed = crypt.encrypt("问题", randomBytes(16));
  expect(() => new MessageCrypt(key, "wx2").decrypt(sealed)).toThrow(unverified);
  expect(() => new MessageCrypt(key.replace("a", "b"), "wx1").decrypt(sealed)).toThrow(unverified);
});

test.each([
  "",
  "AAAA",
  "not base64",
  Buffer.alloc(32).toString("base64"),
  Buffer.alloc(16, 255).toString("base64"),
])("what was never sealed is refused: %s", (sealed) => {
  expect(() => crypt.decrypt(sealed)).toThrow(expect.objectContaining({ code: "channel.unverified" }));
});

test("a key of another length is a fault of the settings", () => {
  expect(() => new MessageCrypt("short", "wx1")).toThrow(expect.objectContaining({ code: "config.invalid" }));
});
