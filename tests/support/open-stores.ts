import { randomUUID } from "node:crypto";
import { SqlConversationStore } from "../../src/storage/conversation-store.ts";
import type { Database } from "../../src/storage/database.ts";
import { SqlLaneStore } from "../../src/storage/lane-store.ts";
import { SqlOutboxStore } from "../../src/storage/outbox-store.ts";
import { createSealer } from "../../src/storage/sealer.ts";
import { SqlVisitorStore } from "../../src/storage/visitor-store.ts";

/** The stores of the road on an open, migrated database. */
export function openStores({ db }: Pick<Database, "db">, { webhooks = false } = {}) {
  const now = () => new Date();
  const sealer = createSealer();
  return {
    conversations: new SqlConversationStore({ db, now, newId: randomUUID, sealer, webhooks: () => webhooks }),
    lanes: new SqlLaneStore({ db }),
    outbox: new SqlOutboxStore({ db, sealer, now }),
    visitors: new SqlVisitorStore({ db, now }),
    sealer,
  };
}
