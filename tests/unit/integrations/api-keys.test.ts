import { createHash, randomBytes, randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { ApiKey, ApiKeyStore } from "../../../src/integrations/api-key.ts";
import { createApiKey, listApiKeys, revokeApiKey } from "../../../src/integrations/manage-api-keys.ts";
import { apiKeyCacheMs, createVerifyApiKey } from "../../../src/integrations/verify-api-key.ts";

class MemoryKeys implements ApiKeyStore {
  readonly rows = new Map<string, ApiKey>();
  lookUps = 0;
  async save(key: ApiKey, hash: string) {
    this.rows.set(hash, key);
  }
  async findValid(hash: string) {
    this.lookUps += 1;
    const key = this.rows.get(hash);
    return key?.revokedAt === undefined ? key : undefined;
  }
  async list() {
    return [...this.rows.values()];
  }
  async revoke(id: string, at: Date) {
    const found = [...this.rows].find(([, key]) => key.id === id && key.revokedAt === undefined);
    if (found === undefined) return false;
    this.rows.set(found[0], { ...found[1], revokedAt: at.toISOString() });
    return true;
  }
}

function open() {
  const store = new MemoryKeys();
  let ms = 1_000;
  const parts = { store, newId: randomUUID, randomBytes, now: () => new Date("2026-11-21T08:00:00.000Z") };
  return {
    store,
    parts,
    verify: createVerifyApiKey({ store, now: () => ms }),
    pass: (time: number) => {
      ms += time;
    },
  };
}

describe("an API key", () => {
  it("has 32 random bytes, and only its SHA-256 is kept", async () => {
    const { parts, store } = open();
    const { key, secret } = await createApiKey(parts, { name: " 渝工娘家人 ", scopes: ["messages:read"] });
    expect(secret).toMatch(/^nj_[A-Za-z0-9_-]{43}$/);
    expect(Buffer.from(secret.slice(3), "base64url")).toHaveLength(32);
    expect(key).toMatchObject({
      name: "渝工娘家人",
      scopes: ["messages:read"],
      createdAt: "2026-11-21T08:00:00.000Z",
    });
    expect([...store.rows.keys()]).toEqual([createHash("sha256").update(secret).digest("hex")]);
    expect(JSON.stringify([...store.rows])).not.toContain(secret);
    expect(await listApiKeys(parts)).toEqual([key]);
  });

  it.each([
    ["without a name", { name: "  ", scopes: ["messages:read"] }],
    ["with a name that is too long", { name: "x".repeat(101), scopes: ["messages:read"] }],
    ["without scopes", { name: "a", scopes: [] }],
    ["with a scope that does not exist", { name: "a", scopes: ["messages:read", "admin"] }],
  ])("%s is refused", async (_fault, request) => {
    const { parts, store } = open();
    await expect(createApiKey(parts, request)).rejects.toMatchObject({ code: "admin.refused" });
    expect(store.rows.size).toBe(0);
  });

  it("is believed from memory for a short while, then looked up again", async () => {
    const { parts, store, verify, pass } = open();
    const { secret } = await createApiKey(parts, { name: "a", scopes: ["messages:read"] });
    await verify(`Bearer ${secret}`);
    pass(apiKeyCacheMs - 1);
    await verify(`bearer ${secret}`);
    expect(store.lookUps).toBe(1);
    pass(1);
    await verify(`Bearer ${secret}`);
    expect(store.lookUps).toBe(2);
  });

  it("that was revoked stops working within 30 seconds, and cannot be revoked again", async () => {
    const { parts, verify, pass } = open();
    const { key, secret } = await createApiKey(parts, { name: "a", scopes: ["messages:read"] });
    await verify(`Bearer ${secret}`);
    await revokeApiKey(parts, key.id);
    pass(29_999);
    await expect(verify(`Bearer ${secret}`)).rejects.toMatchObject({ code: "http.unauthorized" });
    await expect(revokeApiKey(parts, key.id)).rejects.toMatchObject({ code: "admin.refused" });
  });

  it("that is missing, malformed or unknown is refused, and only a well-formed one is looked up", async () => {
    const { verify, store } = open();
    const unknown = `nj_${randomBytes(32).toString("base64url")}`;
    const wrong = [undefined, "", "Bearer", "Bearer nj_", `Basic ${unknown}`, `Bearer ${unknown}x`, unknown];
    for (const header of wrong) {
      await expect(verify(header)).rejects.toMatchObject({ code: "http.unauthorized" });
    }
    expect(store.lookUps).toBe(0);
    await expect(verify(`Bearer ${unknown}`)).rejects.toMatchObject({ code: "http.unauthorized" });
    await expect(verify(`Bearer ${unknown}`)).rejects.toMatchObject({ code: "http.unauthorized" });
    expect(store.lookUps).toBe(2);
  });

  it("stays known however many unknown ones are tried, and memory holds 500 keys at most", async () => {
    const { parts, verify, store } = open();
    const make = async () => (await createApiKey(parts, { name: "a", scopes: ["messages:read"] })).secret;
    const first = await make();
    await verify(`Bearer ${first}`);
    for (let count = 0; count < 600; count++) {
      await verify(`Bearer nj_${randomBytes(32).toString("base64url")}`).catch(() => undefined);
    }
    store.lookUps = 0;
    await verify(`Bearer ${first}`);
    expect(store.lookUps).toBe(0);
    for (let count = 0; count < 500; count++) await verify(`Bearer ${await make()}`);
    store.lookUps = 0;
    await verify(`Bearer ${first}`);
    expect(store.lookUps).toBe(1);
  });
});
