import { beforeEach, expect, it } from "vitest";
import { SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import { createSealer } from "../../../src/storage/sealer.ts";
import { SqlVisitorStore } from "../../../src/storage/visitor-store.ts";
import { forEachDatabase } from "../../support/databases.ts";

forEachDatabase((_name, open) => {
  let visitors: SqlVisitorStore;
  let conversations: SqlConversationStore;

  beforeEach(async () => {
    const { db } = await open();
    const now = () => new Date("2026-03-01T08:00:00.000Z");
    let ids = 0;
    visitors = new SqlVisitorStore({ db, now });
    conversations = new SqlConversationStore({ db, newId: () => `id-${++ids}`, now, sealer: createSealer() });
  });

  it("a token leads to its conversation, an unknown one to none", async () => {
    const { id } = await conversations.open("web");
    await visitors.save("hash-1", id);
    expect(await visitors.conversationOf("hash-1")).toBe(id);
    expect(await visitors.conversationOf("hash-2")).toBeUndefined();
  });

  it("saving a token again moves it to the new conversation", async () => {
    const first = await conversations.open("web");
    const second = await conversations.open("web");
    await visitors.save("hash-1", first.id);
    await visitors.save("hash-1", first.id);
    await visitors.save("hash-1", second.id);
    expect(await visitors.conversationOf("hash-1")).toBe(second.id);
  });

  it("a token for a conversation that does not exist is refused", async () => {
    await expect(visitors.save("hash-1", "none")).rejects.toThrow();
    expect(await visitors.conversationOf("hash-1")).toBeUndefined();
  });
});
