import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChaosDatabase, openChaosDatabase } from "../chaos/databases.ts";
import { Replicas } from "../processes/replicas.ts";

/** Without the limits that protect the service from single contacts: here one machine is all of them. */
const unlimited = {
  LOG_LEVEL: "silent",
  BURST_MS: "0",
  MESSAGES_PER_VISITOR_PER_MINUTE: "1000000",
  MESSAGES_PER_CONTACT_PER_MINUTE: "1000000",
  REQUESTS_PER_ADDRESS_PER_MINUTE: "1000000",
  BUSY_AFTER: "1000000",
};

export interface Setting {
  readonly onPglite: boolean;
  readonly replicas: number;
}

/** Runs real processes of the service for as long as `use` takes, on a database of their own. */
export async function withService<Result>(
  { onPglite, replicas: count }: Setting,
  env: Readonly<Record<string, string>>,
  use: (replicas: Replicas) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), "niangjia-road-"));
  const database: ChaosDatabase = await openChaosDatabase(onPglite);
  const folders = Array.from({ length: count }, (_, index) => join(folder, `${index}`));
  const replicas = new Replicas(folders, { ...unlimited, ...database.settings, ...env });
  try {
    for (let index = 0; index < count; index += 1) await replicas.start(index);
    return await use(replicas);
  } finally {
    await replicas.stopAll();
    await database.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Resident memory of a process; NaN where the system does not tell. */
export function residentMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(?<kilobytes>\d+)/mu.exec(status)?.groups?.kilobytes) / 1_024;
  } catch {
    return Number.NaN;
  }
}
