import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { ownDataDir } from "../../../src/storage/control-socket.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { runCli, startCli } from "../../support/cli-process.ts";
import { temporaryDataFolder } from "../../support/data-folder.ts";
import { guideText, makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { openLibrary } from "../../support/knowledge-library.ts";

const rounds = 10;
const text = (round: number) => `第${round}版：露天作业发放高温津贴。`;

it("a process that is killed at ten different moments of reload and add leaves no broken index", async () => {
  const folder = await makeKnowledge();
  const elsewhere = await temporaryFolder();
  const dataDir = await temporaryDataFolder();
  const settings = { DATA_DIR: dataDir, KNOWLEDGE_DIR: folder };
  const change = async (round: number) => {
    await write(folder, "guides/heat.md", guideText("heat", "高温津贴", text(round)));
    const file = await write(
      elsewhere,
      `补贴${round}.md`,
      `# 第${round}号补贴办法\n\n每餐补贴${round}元。\n`,
    );
    return round % 3 === 2 ? ["knowledge", "add", file] : ["knowledge", "reload"];
  };

  await change(-1);
  expect((await runCli(["knowledge", "reload"], settings)).code).toBe(0);
  const started = performance.now();
  expect((await runCli(await change(0), settings)).stdout).toContain("修改 1 份");
  const whole = performance.now() - started;

  let before = text(0);
  for (let round = 1; round <= rounds; round++) {
    const child = startCli(await change(round), settings);
    // Spread over a whole run, however fast this machine is.
    await Promise.race([delay((whole * (round - 0.5)) / rounds), child.ended]);
    child.kill("SIGKILL");
    await child.ended;

    const { ids, manifest, answer } = await openAfterwards(dataDir, folder);
    // What was true before, or what the change makes: nothing else, and nothing of it half.
    expect([before, text(round)]).toContain(answer);
    expect(ids).toEqual(manifest);
    expect(ids).toEqual(expect.arrayContaining(["annual-leave", "double-wage", "heat", "local-hotlines"]));
    before = answer ?? "";
  }

  await change(rounds + 1);
  const last = await runCli(["knowledge", "reload"], settings);
  expect(last).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining("修改 1 份") });
  expect((await openAfterwards(dataDir, folder)).answer).toBe(text(rounds + 1));
  const left = await readdir(join(dataDir, "index"));
  expect(left.filter((name) => !/^\d+$/u.test(name))).toEqual([]);
  // The serving one, the former one, and the one that was built as a whole, on which they lie.
  expect(left.length).toBeLessThanOrEqual(3);
}, 180_000);

/** Takes the folder over and opens it as the next process does. */
async function openAfterwards(dataDir: string, folder: string) {
  const owner = await ownDataDir(dataDir);
  const database = await openDatabase({ dataDir });
  try {
    await migrateDatabase(database.db);
    const { library, store } = await openLibrary(database, folder, { root: join(dataDir, "index") });
    await library.start();
    const [hit] = await library.pin().search({ text: "高温津贴", limit: 1 });
    const manifest = await store.manifest(library.status()?.generation ?? 0);
    return {
      ids: (await library.list()).map(({ id }) => id),
      manifest: manifest.map(({ documentId }) => documentId),
      answer: hit?.chunk.text,
    };
  } finally {
    await database.close();
    await owner.close();
  }
}
