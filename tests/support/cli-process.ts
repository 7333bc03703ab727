import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

export interface CliOutcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliProcess {
  readonly ended: Promise<CliOutcome>;
  kill(signal: NodeJS.Signals): void;
  /** Closes the reading end of its output, as `head` does. */
  stopReading(): void;
  /** Resolves when something was printed, or the process ended. */
  readonly firstOutput: Promise<void>;
}

/** Starts the command line as a person does: a process of its own that reads its settings from the environment. */
export function startCli(args: readonly string[], settings: Readonly<Record<string, string>>): CliProcess {
  const child = spawn(process.execPath, ["src/start.mjs", ...args], {
    cwd: root,
    env: { PATH: process.env.PATH ?? "", ...settings },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  const first = Promise.withResolvers<void>();
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    stdout += piece;
    first.resolve();
  });
  child.stderr.setEncoding("utf8").on("data", (piece: string) => {
    stderr += piece;
  });
  const ended = once(child, "close").then(([code, signal]) => {
    first.resolve();
    return { code, signal, stdout, stderr };
  });
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    stopReading: () => child.stdout.destroy(),
    firstOutput: first.promise,
  };
}

export function runCli(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
): Promise<CliOutcome> {
  return startCli(args, settings).ended;
}

/** The objects of JSON lines; fails on any line that is something else. */
export function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
