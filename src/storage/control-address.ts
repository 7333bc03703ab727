import { createHash } from "node:crypto";
import { mkdtemp, realpath, rm, symlink } from "node:fs/promises";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The longest socket path in bytes that every Unix takes: macOS has 104 with the closing zero, Linux 108. */
const longestSocketPath = 103;

/**
 * Where the owner of a data folder listens: `control.sock` in the folder's real path; on Windows a named pipe
 * named after that path. Throws `ENOENT` where the folder does not exist.
 */
export async function controlAddress(dataDir: string): Promise<string> {
  const folder = await realpath(dataDir);
  if (process.platform === "win32") {
    const hash = createHash("sha256").update(folder.toLowerCase()).digest("hex").slice(0, 32);
    return `\\\\.\\pipe\\niangjia-${hash}`;
  }
  return join(folder, "control.sock");
}

/** Whether a socket path is too long to be bound or connected to as it is. */
export function isLongPath(path: string): boolean {
  return process.platform !== "win32" && Buffer.byteLength(path) > longestSocketPath;
}

/**
 * Runs `use` with a form of a socket path that is short enough to bind or connect to. A long path is reached
 * through a link in a private temporary folder, so that the socket itself always stands in the data folder,
 * whatever TMPDIR a process has.
 */
export async function withShortPath<T>(path: string, use: (shortPath: string) => Promise<T>): Promise<T> {
  if (!isLongPath(path)) {
    return use(path);
  }
  const folder = await mkdtemp(join(tmpdir(), "niangjia-"));
  try {
    const slash = path.lastIndexOf("/");
    await symlink(path.slice(0, slash), join(folder, "d"));
    return await use(join(folder, "d", path.slice(slash + 1)));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Connects to a socket path; rejects with the system's error. */
export function connectTo(path: string): Promise<Socket> {
  return withShortPath(
    path,
    (shortPath) =>
      new Promise<Socket>((resolve, reject) => {
        const socket = createConnection(shortPath);
        socket.once("error", reject);
        socket.once("connect", () => {
          socket.off("error", reject);
          resolve(socket);
        });
      }),
  );
}

/** `dead`: a file that nobody listens on. `absent`: no file. */
export type SocketState = "alive" | "dead" | "absent";

/**
 * Whether a process listens on a socket path. The system answers this even for one that is busy or stopped.
 * What cannot be told, such as a socket of another user, counts as alive.
 */
export async function socketState(path: string): Promise<SocketState> {
  try {
    (await connectTo(path)).destroy();
    return "alive";
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") {
      return "absent";
    }
    return code === "ECONNREFUSED" || code === "ENOTSOCK" ? "dead" : "alive";
  }
}

export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
