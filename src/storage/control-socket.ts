import { chmod, mkdir, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { AppError, messageOf } from "../errors.ts";
import { controlAddress, isLongPath, socketState, systemCode, withShortPath } from "./control-address.ts";
import type { ControlHandler } from "./control-protocol.ts";
import { ControlSession } from "./control-session.ts";
import { withExclusiveFile } from "./with-exclusive-file.ts";

export interface DataDirOwner {
  /** Aborts running commands, waits for them, and gives the folder up. To be called last of all. */
  close(): Promise<void>;
}

/** Milliseconds to wait while other processes take the same folder; each needs a few. */
const patience = 5_000;

/**
 * Takes the data folder for this process alone, by listening on its control socket, and answers commands
 * there. The folder is made when absent, for this user only. It is free again when the owner closes or ends,
 * however it ends: a socket that nobody listens on is taken over. Without handlers it is a plain lock.
 * Throws `storage.data_dir_in_use` while another process owns the folder, and `storage.unavailable` where the
 * folder cannot be used.
 */
export async function ownDataDir(
  dataDir: string,
  handlers: Readonly<Record<string, ControlHandler>> = {},
): Promise<DataDirOwner> {
  const sessions = new Set<ControlSession>();
  let closing = false;
  const server = createServer((socket) => {
    if (closing) {
      socket.destroy();
      return;
    }
    const session = new ControlSession(socket, handlers);
    sessions.add(session);
    socket.on("close", () => sessions.delete(session));
  });
  const address = await takeAddress(dataDir, server);
  return {
    close: async () => {
      closing = true;
      await Promise.all([...sessions].map((session) => session.close()));
      if (isLongPath(address)) {
        // Node removes the path that it bound, which was a link here and is gone. It must be removed while
        // this process still listens: later it may be another owner's.
        await rm(address, { force: true });
      }
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function takeAddress(dataDir: string, server: Server): Promise<string> {
  let address: string | undefined;
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    const wanted = await controlAddress(dataDir);
    // One process at a time: else one that clears a stale socket could remove what another has just made.
    const taken = await withExclusiveFile(join(dataDir, "control.lock"), patience, () =>
      listenOrTakeOver(server, wanted),
    );
    address = taken === true ? wanted : undefined;
  } catch (cause) {
    const message = `The data folder ${dataDir} cannot be used: ${messageOf(cause)}`;
    throw new AppError("storage.unavailable", message, { cause });
  }
  if (address === undefined) {
    throw new AppError(
      "storage.data_dir_in_use",
      `Another process uses the data folder ${dataDir}. Stop it, or set DATA_DIR to another folder.`,
    );
  }
  return address;
}

/** False where another process listens. A socket that nobody listens on is removed. */
async function listenOrTakeOver(server: Server, address: string): Promise<boolean> {
  if (await listen(server, address)) {
    return true;
  }
  if ((await socketState(address)) === "dead") {
    await rm(address, { force: true });
  }
  return listen(server, address);
}

/** False where the address is taken. */
async function listen(server: Server, address: string): Promise<boolean> {
  try {
    await withShortPath(
      address,
      (shortPath) =>
        new Promise<void>((resolve, reject) => {
          server.once("error", reject);
          server.listen(shortPath, () => {
            server.off("error", reject);
            resolve();
          });
        }),
    );
  } catch (error) {
    if (systemCode(error) === "EADDRINUSE") {
      return false;
    }
    throw error;
  }
  if (process.platform !== "win32") {
    await chmod(address, 0o600);
  }
  return true;
}
