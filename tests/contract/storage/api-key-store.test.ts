import { beforeEach, expect, it } from "vitest";
import { SqlApiKeyStore } from "../../../src/storage/api-key-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { forEachDatabase } from "../../support/databases.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let store: SqlApiKeyStore;

  beforeEach(async () => {
    database = await open();
    store = new SqlApiKeyStore({ db: database.db });
  });

  const older = {
    id: "key-1",
    name: "渝工娘家人",
    scopes: ["conversations:read", "messages:read"] as const,
    createdAt: "2026-11-20T08:00:00.000Z",
  };
  const newer = {
    id: "key-2",
    name: "报表",
    scopes: ["webhooks:manage"] as const,
    createdAt: "2026-11-21T08:00:00.000Z",
  };

  it("a key is found by its hash alone and listed with the newest first", async () => {
    await store.save(older, "hash-1");
    await store.save(newer, "hash-2");
    expect(await store.findValid("hash-1")).toEqual(older);
    expect(await store.findValid("key-1")).toBeUndefined();
    expect(await store.findValid("")).toBeUndefined();
    expect(await store.list()).toEqual([newer, older]);
  });

  it("two keys never share a hash", async () => {
    await store.save(older, "hash-1");
    await expect(store.save(newer, "hash-1")).rejects.toThrow();
    expect(await store.findValid("hash-1")).toEqual(older);
  });

  it("a revoked key is listed but not valid, and keeps its first moment", async () => {
    await store.save(older, "hash-1");
    await store.save(newer, "hash-2");
    expect(await store.revoke("key-1", new Date("2026-11-21T09:00:00.000Z"))).toBe(true);
    expect(await store.revoke("key-1", new Date("2026-11-22T09:00:00.000Z"))).toBe(false);
    expect(await store.revoke("key-9", new Date())).toBe(false);
    expect(await store.findValid("hash-1")).toBeUndefined();
    expect(await store.findValid("hash-2")).toEqual(newer);
    expect(await store.list()).toContainEqual({ ...older, revokedAt: "2026-11-21T09:00:00.000Z" });
  });
});
