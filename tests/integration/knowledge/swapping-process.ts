/**
 * Run as a process of its own: owns the data folder, says what it found there, then changes a guide with a reload and
 * rolls it back, again and again. Prints a JSON line before and after each step.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { createLibrary, openStorage } from "../../../src/app.ts";
import { readConfig } from "../../../src/config.ts";
import { ownDataDir } from "../../../src/storage/control-socket.ts";
import { SqlKnowledgeStore } from "../../../src/storage/knowledge-store.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { guideText } from "../../support/knowledge-folder.ts";

const [, , dataDir = "", folder = ""] = process.argv;
const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

await ownDataDir(dataDir);
const config = readConfig({ DATA_DIR: dataDir, KNOWLEDGE_DIR: folder });
const database = await openStorage(config, createLogger({ level: "silent" }));
const store = new SqlKnowledgeStore({ db: database.db, now: () => new Date() });
const library = await createLibrary(config, database);
await library.start();

async function serving(): Promise<string> {
  const [hit] = await library.pin().search({ text: "高温津贴", limit: 1 });
  return hit?.chunk.text ?? "";
}

const generation = library.status()?.generation ?? 0;
say({
  opened: await serving(),
  active: (await store.activeGeneration())?.id,
  generation,
  ids: (await library.list()).map(({ id }) => id),
  manifest: (await store.manifest(generation)).map(({ documentId }) => documentId),
});

for (let round = 0; ; round++) {
  const former = await serving();
  const next = `第${process.pid}号第${round}版：三十五度以上发放高温津贴。`;
  writeFileSync(join(folder, "guides/heat.md"), guideText("heat", "高温津贴", next));
  say({ begins: "reload", from: former, to: next });
  await library.reload({ accept: "试一试" });
  say({ ended: "reload", serves: await serving() });
  say({ begins: "rollback", from: next, to: former });
  await library.rollBack();
  say({ ended: "rollback", serves: await serving() });
}
