import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSealer, openAddress, sealAddress } from "../../../src/storage/sealer.ts";

const key = Buffer.alloc(32, 7);
const otherKey = Buffer.alloc(32, 8);
const secret = "7012345678 老王";

function errorOf(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("a sealer with a key", () => {
  const sealer = createSealer(key);

  it("opens what it sealed, also from another process with the same key", () => {
    const sealed = sealer.seal(secret);
    expect(sealer.open(sealed)).toBe(secret);
    expect(createSealer(new Uint8Array(key)).open(sealed)).toBe(secret);
    expect(sealer.open(sealer.seal(""))).toBe("");
  });

  it("shows nothing of the text, and the same text never twice in the same form", () => {
    const values = Array.from({ length: 50 }, () => sealer.seal(secret));
    expect(new Set(values).size).toBe(50);
    for (const value of values) {
      expect(value).toMatch(/^v1:[\w-]{12}:[\w-]+$/);
      expect(Buffer.from(value.split(":")[2] ?? "", "base64url").includes(secret)).toBe(false);
    }
  });

  it("looks one key of one channel up under one hash", () => {
    expect(sealer.hash("telegram", "1")).toBe(sealer.hash("telegram", "1"));
    const hashes = [
      sealer.hash("telegram", "1"),
      sealer.hash("wechat", "1"),
      sealer.hash("telegram", "2"),
      createSealer(otherKey).hash("telegram", "1"),
      createSealer().hash("telegram", "1"),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it("refuses a value of another key, naming the setting and not the value", () => {
    const sealed = createSealer(otherKey).seal(secret);
    const error = errorOf(() => sealer.open(sealed));
    expect(error).toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining("ENCRYPTION_KEY"),
    });
    expect(String(error)).not.toContain(sealed.slice(0, 20));
  });

  it("refuses a value of which one bit was changed, or the end is missing", () => {
    const sealed = sealer.seal(secret);
    const prefix = sealed.slice(0, sealer.prefix.length);
    const bytes = Buffer.from(sealed.slice(prefix.length), "base64url");
    for (let at = 0; at < bytes.length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ 1;
      const error = errorOf(() => sealer.open(prefix + altered.toString("base64url")));
      expect(error).toMatchObject({ code: "storage.unavailable" });
      expect(String(error)).not.toContain("7012345678");
    }
    for (let length = 0; length < bytes.length; length += 1) {
      const cut = prefix + bytes.subarray(0, length).toString("base64url");
      expect(errorOf(() => sealer.open(cut))).toMatchObject({ code: "storage.unavailable" });
    }
  });

  it("opens what was written before there was a key", () => {
    expect(sealer.open(createSealer().seal(secret))).toBe(secret);
  });

  it("begins all its values with a fingerprint that differs between keys", () => {
    const prefixes = Array.from({ length: 20 }, () => createSealer(randomBytes(32)).prefix);
    expect(new Set(prefixes).size).toBe(20);
    expect(sealer.seal("a").startsWith(sealer.prefix)).toBe(true);
  });
});

describe("a sealer without a key", () => {
  const sealer = createSealer();

  it("marks its values as plain and opens them", () => {
    expect(sealer.seal(secret)).toBe(`plain:${secret}`);
    expect(sealer.open(`plain:${secret}`)).toBe(secret);
  });

  it("refuses a sealed value, naming the setting", () => {
    expect(errorOf(() => sealer.open(createSealer(key).seal(secret)))).toMatchObject({
      code: "config.invalid",
      message: expect.stringContaining("ENCRYPTION_KEY"),
    });
    expect(errorOf(() => sealer.open(secret))).toMatchObject({ code: "config.invalid" });
  });
});

describe.each([
  ["with a key", createSealer(key)],
  ["without a key", createSealer()],
])("an address %s", (_name, sealer) => {
  it("comes back as it went in, whatever characters its key has", () => {
    const address = {
      key: 'wxid_"\\\n名\u0000\uD800',
      surface: "group",
      data: { chat: -100_123, room: "测试@chatroom", direct: false },
    } as const;
    expect(openAddress(sealer, sealAddress(sealer, address))).toEqual(address);
  });
});
