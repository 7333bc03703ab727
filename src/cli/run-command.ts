import { callControl } from "../storage/control-client.ts";
import type { ControlProgress } from "../storage/control-protocol.ts";
import { ownDataDir } from "../storage/control-socket.ts";

export interface CommandCall {
  readonly dataDir: string;
  readonly name: string;
  readonly args: unknown;
  readonly onProgress?: (update: ControlProgress) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs a command where the data folder is owned: in the running service through its control socket, else here by
 * `here`, owning the folder for as long as it takes.
 */
export async function runCommand(call: CommandCall, here: () => Promise<unknown>): Promise<unknown> {
  const { dataDir, name, args, onProgress, signal } = call;
  const outcome = await callControl(dataDir, name, args, onProgress, signal);
  if (outcome.running) return outcome.result;
  const owner = await ownDataDir(dataDir);
  try {
    return await here();
  } finally {
    await owner.close();
  }
}
