import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { ownDataDir } from "../../../src/storage/control-socket.ts";
import { openDatabase } from "../../../src/storage/database.ts";
import { temporaryDataFolder } from "../../support/data-folder.ts";

const program = fileURLToPath(new URL("./inserting-process.ts", import.meta.url));

/** Lets a process store messages, kills it in the middle, and returns the ids that it had acknowledged. */
async function storeUntilKilled(dataDir: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [program, dataDir], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    printed += text;
    if (printed.split("\n").length > count) {
      child.kill("SIGKILL");
    }
  });
  const [, signal] = await once(child, "close");
  expect(signal).toBe("SIGKILL");
  return printed.split("\n").slice(0, -1);
}

it("a killed process loses no message that it acknowledged, and its folder is free again", async () => {
  const dataDir = await temporaryDataFolder();
  const acknowledged = [...(await storeUntilKilled(dataDir, 50)), ...(await storeUntilKilled(dataDir, 300))];
  expect(acknowledged.length).toBeGreaterThanOrEqual(350);
  const owner = await ownDataDir(dataDir);
  const database = await openDatabase({ dataDir });
  const rows = await database.db.selectFrom("messages").select("id").execute();
  await database.close();
  await owner.close();
  const stored = new Set(rows.map((row) => row.id));
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
});
