import { sql } from "kysely";
import { beforeEach, describe, expect, it } from "vitest";
import { SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import type { Database } from "../../../src/storage/database.ts";
import { forgetConversation } from "../../../src/storage/forget.ts";
import { reseal } from "../../../src/storage/reseal.ts";
import { createSealer, type KeyedSealer, openAddress } from "../../../src/storage/sealer.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { insertAddress, insertConversation } from "./sample-conversation.ts";

const now = new Date("2026-03-01T08:00:00.000Z");
const later = new Date("2026-03-02T08:00:00.000Z");
const plain = createSealer();
const keyed = createSealer(Buffer.alloc(32, 1));
const rotated = createSealer(Buffer.alloc(32, 2));

forEachDatabase((_name, open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });

  async function contact(id: string, key: string, sealer = plain, at = now): Promise<void> {
    await insertConversation(database.db, id, { at });
    await insertAddress(database.db, id, { channel: "telegram", key, at, sealer });
  }

  async function endpoint(id: string, secret: string, sealer = plain): Promise<void> {
    await database.db
      .insertInto("webhook_endpoints")
      .values({
        id,
        url: "https://example.cn",
        sealed_secret: sealer.seal(secret),
        events: "[]",
        created_at: now.toISOString(),
      })
      .execute();
  }

  const rows = async () => ({
    addresses: await database.db.selectFrom("addresses").selectAll().orderBy("conversation_id").execute(),
    endpoints: await database.db.selectFrom("webhook_endpoints").selectAll().orderBy("id").execute(),
  });

  /** To which conversation the next message of this contact leads. */
  async function found(key: string, sealer: KeyedSealer): Promise<string | undefined> {
    const store = new SqlConversationStore({
      db: database.db,
      sealer,
      newId: () => crypto.randomUUID(),
      now: () => now,
    });
    const address = { key, surface: "private", data: {} } as const;
    const [received] = await store.receiveEvents(
      "telegram",
      [{ type: "message", address, externalId: crypto.randomUUID(), text: "在吗" }],
      0,
    );
    return received?.isNew ? undefined : received?.conversationId;
  }

  it("a key that is set later seals what was plain, and every contact finds their conversation again", async () => {
    for (let number = 0; number < 430; number += 1) await contact(`c${number}`, `70${number}`);
    await endpoint("e", "whsec");
    expect(await reseal(database.db, keyed)).toEqual({ addresses: 430, secrets: 1 });
    const { addresses, endpoints } = await rows();
    expect(addresses).toHaveLength(430);
    for (const row of addresses) {
      expect(row.sealed.startsWith(keyed.prefix)).toBe(true);
      expect(openAddress(keyed, row.sealed).key).toBe(row.conversation_id.replace("c", "70"));
    }
    expect(keyed.open(endpoints[0]?.sealed_secret ?? "")).toBe("whsec");
    expect(await found("70333", keyed)).toBe("c333");
    expect(await found("unknown", keyed)).toBeUndefined();
  });

  it("a second start finds nothing to do", async () => {
    await contact("c1", "7001");
    await reseal(database.db, keyed);
    const before = await rows();
    expect(await reseal(database.db, keyed)).toEqual({ addresses: 0, secrets: 0 });
    expect(await rows()).toEqual(before);
  });

  it("without a key plain rows are left as they are", async () => {
    await contact("c1", "7001");
    await endpoint("e", "whsec");
    const before = await rows();
    expect(await reseal(database.db, plain)).toEqual({ addresses: 0, secrets: 0 });
    expect(await rows()).toEqual(before);
  });

  it.each([
    ["another key", rotated],
    ["no key", plain],
  ])("%s is refused in one line before anything is changed", async (_what, sealer) => {
    await contact("c1", "7001", plain);
    await contact("c2", "7002", keyed);
    const before = await rows();
    await expect(reseal(database.db, sealer)).rejects.toMatchObject({
      code: "config.invalid",
      message: expect.stringMatching(/^[^\n]*ENCRYPTION_KEY[^\n]*$/),
    });
    expect(await rows()).toEqual(before);
  });

  it("another key is refused where only a webhook's secret tells of it", async () => {
    await endpoint("e", "whsec", keyed);
    await expect(reseal(database.db, rotated)).rejects.toMatchObject({ code: "config.invalid" });
  });

  it("a changed key takes over what the former one sealed, also after an interruption", async () => {
    await contact("c1", "7001", keyed);
    await contact("c2", "7002", rotated);
    await contact("c3", "7003", plain);
    await endpoint("e", "whsec", keyed);
    expect(await reseal(database.db, rotated, keyed)).toEqual({ addresses: 2, secrets: 1 });
    expect(await found("7001", rotated)).toBe("c1");
    expect(await found("7002", rotated)).toBe("c2");
    expect(await found("7003", rotated)).toBe("c3");
    expect(await reseal(database.db, rotated)).toEqual({ addresses: 0, secrets: 0 });
  });

  it("of two conversations of one contact the newest stays reachable", async () => {
    await contact("old", "7001", plain, now);
    await contact("new", "7001", keyed, later);
    await contact("older", "7002", keyed, now);
    await contact("newer", "7002", plain, later);
    await reseal(database.db, rotated, keyed);
    expect((await rows()).addresses.map((row) => row.conversation_id)).toEqual(["new", "newer"]);
    expect(await found("7001", rotated)).toBe("new");
  });

  it("where the key is already in use for a contact, the plain rest goes", async () => {
    await contact("rest", "7001", plain, now);
    await contact("current", "7001", keyed, later);
    await reseal(database.db, keyed);
    expect((await rows()).addresses.map((row) => row.conversation_id)).toEqual(["current"]);
  });

  it("addresses that only wait for a receipt are sealed too and lead nobody there", async () => {
    await contact("c1", "7001");
    await insertConversation(database.db, "web", { channel: "web", at: now, token: "t" });
    for (const id of ["c1", "web"]) {
      await database.db.transaction().execute((tx) => forgetConversation(tx, id, now));
    }
    expect(await reseal(database.db, keyed)).toMatchObject({ addresses: 2 });
    const { addresses } = await rows();
    expect(addresses.map((row) => row.sealed.startsWith(keyed.prefix))).toEqual([true, true]);
    expect(openAddress(keyed, addresses[0]?.sealed ?? "").key).toBe("7001");
    expect(await found("7001", keyed)).toBeUndefined();
  });

  describe("two processes that start at once", () => {
    it("share the work and leave nothing undone", async () => {
      for (let number = 0; number < 250; number += 1) await contact(`c${number}`, `70${number}`);
      const [one, other] = await Promise.all([reseal(database.db, keyed), reseal(database.db, keyed)]);
      expect(one.addresses + other.addresses).toBe(250);
      const { rows: left } = await sql`select from addresses where sealed like 'plain:%'`.execute(
        database.db,
      );
      expect(left).toEqual([]);
    });
  });
});
