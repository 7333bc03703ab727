import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The service as an operator runs it: a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly pid: number;
  /** Everything that it wrote so far. */
  output(): string;
  kill(signal?: NodeJS.Signals): Promise<void>;
}

/** Milliseconds within which it must be ready. */
const patience = 90_000;

/**
 * Starts the service with these settings and resolves when its ready line came; rejects with what it wrote where it
 * ended before. Port 0 unless one is given. It does not outlive this process.
 */
export async function startServiceProcess(
  settings: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const child = spawn(process.execPath, ["src/start.mjs"], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: "0", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const orphaned = () => child.kill("SIGKILL");
  process.once("exit", orphaned);
  let output = "";
  const ready = Promise.withResolvers<string>();
  const read = (piece: string) => {
    output += piece;
    const url = /已启动：(?<url>http:\S+)/u.exec(output)?.groups?.url;
    if (url !== undefined) ready.resolve(url);
  };
  child.stdout.setEncoding("utf8").on("data", read);
  child.stderr.setEncoding("utf8").on("data", read);
  const late = setTimeout(() => child.kill("SIGKILL"), patience);
  // "close": what it wrote last has been read.
  child.once("close", (code, signal) => {
    process.off("exit", orphaned);
    clearTimeout(late);
    ready.reject(new Error(`The service ended with ${code ?? signal}: ${output}`));
  });
  const url = await ready.promise;
  clearTimeout(late);
  return { url, pid: child.pid ?? 0, output: () => output, kill: (signal = "SIGTERM") => end(child, signal) };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
