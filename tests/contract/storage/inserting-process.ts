/** Run as a process of its own: owns the data folder, stores messages one after the other, prints each stored one. */
import { randomUUID } from "node:crypto";
import { ownDataDir } from "../../../src/storage/control-socket.ts";
import { SqlConversationStore } from "../../../src/storage/conversation-store.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { createSealer } from "../../../src/storage/sealer.ts";

const dataDir = process.argv[2] ?? "";
await ownDataDir(dataDir);
const { db } = await openDatabase({ dataDir });
await migrateDatabase(db);
const store = new SqlConversationStore({
  db,
  newId: randomUUID,
  now: () => new Date(),
  sealer: createSealer(),
});
const { id } = await store.open("web");
for (let number = 0; ; number++) {
  const inbound = { channel: "web", externalId: `${number}`, conversationId: id, text: "问" };
  const { message } = await store.receive(inbound, 0);
  process.stdout.write(`${message.id}\n`);
}
