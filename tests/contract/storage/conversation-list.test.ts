import { beforeEach, expect, it } from "vitest";
import { SqlConversationList } from "../../../src/storage/conversation-list.ts";
import type { Database } from "../../../src/storage/database.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { insertConversation, insertMessage } from "../../support/sample-conversations.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let list: SqlConversationList;

  beforeEach(async () => {
    database = await open();
    list = new SqlConversationList({ db: database.db });
  });

  const ids = async (query: Omit<Parameters<typeof list.page>[0], "limit">) =>
    (await list.page({ limit: 100, ...query })).conversations.map(({ id }) => id);

  it("a conversation is shown with its last message and nothing of its contact", async () => {
    await insertConversation(database, { id: "c-1", channel: "telegram", origin: "station-7" });
    await database.db
      .insertInto("addresses")
      .values({
        channel: "telegram",
        key_hash: "hash",
        conversation_id: "c-1",
        sealed: "sealed-platform-id",
        created_at: "2026-11-21T08:00:00.000Z",
      })
      .execute();
    await insertMessage(database, "c-1", "m-1");
    const seq = await insertMessage(database, "c-1", "m-2", "2026-11-21T09:30:00.000Z");
    await database.db
      .insertInto("hand_over_requests")
      .values({
        id: "h-1",
        conversation_id: "c-1",
        message_id: "m-2",
        reasons: "[]",
        created_at: "2026-11-21T09:30:00.000Z",
      })
      .execute();
    expect(await list.find("c-1")).toEqual({
      id: "c-1",
      channel: "telegram",
      surface: "private",
      origin: "station-7",
      handOverRequested: true,
      reachable: true,
      lastSeq: seq,
      createdAt: "2026-11-21T08:00:00.000Z",
      updatedAt: "2026-11-21T09:30:00.000Z",
    });
    expect(await list.find("c-2")).toBeUndefined();
  });

  it("an empty, blocked group conversation says so", async () => {
    await insertConversation(database, { id: "c-1", surface: "group", unreachable: "blocked" });
    expect(await list.find("c-1")).toMatchObject({
      surface: "group",
      handOverRequested: false,
      reachable: false,
      lastSeq: 0,
      updatedAt: "2026-11-21T08:00:00.000Z",
    });
  });

  it("channel, door and time narrow the list", async () => {
    await insertConversation(database, { id: "a", createdAt: "2026-11-01T00:00:00.000Z" });
    await insertConversation(database, {
      id: "b",
      channel: "telegram",
      createdAt: "2026-11-02T00:00:00.000Z",
    });
    await insertConversation(database, { id: "c", origin: "poster", createdAt: "2026-11-03T00:00:00.000Z" });
    await insertMessage(database, "a", "m-1", "2026-11-10T00:00:00.000Z");
    expect(await ids({})).toEqual(["a", "b", "c"]);
    expect(await ids({ channel: "web" })).toEqual(["a", "c"]);
    expect(await ids({ origin: "poster" })).toEqual(["c"]);
    expect(await ids({ updatedSince: new Date("2026-11-03T00:00:00.000Z") })).toEqual(["a", "c"]);
    expect(await ids({ updatedSince: new Date("2026-11-03T00:00:00.001Z"), channel: "web" })).toEqual(["a"]);
    expect(await ids({ updatedSince: new Date("2026-11-11T00:00:00.000Z") })).toEqual([]);
  });

  it("pages go on where the last one ended, also among conversations of one moment and when that one is gone", async () => {
    for (const id of ["e", "d", "c", "b", "a"]) await insertConversation(database, { id });
    const first = await list.page({ limit: 2 });
    expect(first.conversations.map(({ id }) => id)).toEqual(["a", "b"]);
    await database.db.deleteFrom("conversations").where("id", "=", "b").execute();
    const second = await list.page({ limit: 2, ...(first.next === undefined ? {} : { after: first.next }) });
    expect(second.conversations.map(({ id }) => id)).toEqual(["c", "d"]);
    const third = await list.page({ limit: 2, ...(second.next === undefined ? {} : { after: second.next }) });
    expect(third.conversations.map(({ id }) => id)).toEqual(["e"]);
    expect(third.next).toBeUndefined();
  });

  it("a full last page has no next one", async () => {
    for (const id of ["a", "b"]) await insertConversation(database, { id });
    expect((await list.page({ limit: 2 })).next).toBeUndefined();
  });
});
