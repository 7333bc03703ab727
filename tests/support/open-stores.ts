import { randomUUID } from "node:crypto";
import { SqlConversationStore } from "../../src/storage/conversation-store.ts";
import type { Database } from "../../src/storage/database.ts";
import { SqlVisitorStore } from "../../src/storage/visitor-store.ts";

/** The stores of conversations on an open, migrated database. */
export function openStores({ db }: Database) {
  const now = () => new Date();
  return {
    conversations: new SqlConversationStore({ db, now, newId: randomUUID }),
    visitors: new SqlVisitorStore({ db, now }),
  };
}
