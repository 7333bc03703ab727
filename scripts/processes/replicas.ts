import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const script = fileURLToPath(new URL("./replica.ts", import.meta.url));
/** Milliseconds within which a process must be ready. */
const patience = 60_000;
/** How often one that ended at its start, because it found no database just then, is started again. */
const mostStarts = 5;

/** Processes of the service that are killed and come back, each on an address of its own. */
export class Replicas {
  readonly #env: Readonly<Record<string, string>>;
  readonly #dataDirs: readonly string[];
  readonly #onLog: ((line: string) => void) | undefined;
  readonly #children: (ChildProcess | undefined)[] = [];
  readonly urls: (string | undefined)[] = [];
  kills = 0;

  /** One process for each data folder. `onLog`: told every line of their logs; else these go to stderr. */
  constructor(
    dataDirs: readonly string[],
    env: Readonly<Record<string, string>>,
    onLog?: (line: string) => void,
  ) {
    this.#dataDirs = dataDirs;
    this.#env = env;
    this.#onLog = onLog;
  }

  get count(): number {
    return this.#dataDirs.length;
  }

  async start(index: number): Promise<void> {
    const child = spawn(process.execPath, [script], {
      env: { ...process.env, ...this.#env, DATA_DIR: this.#dataDirs[index] ?? "", PORT: "0" },
      stdio: ["ignore", "pipe", this.#onLog === undefined ? "inherit" : "pipe"],
    });
    if (child.stderr !== null && this.#onLog !== undefined)
      createInterface({ input: child.stderr }).on("line", this.#onLog);
    this.#children[index] = child;
    this.urls[index] = await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error("a process was not ready in time")), patience);
      let said = "";
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const url = /ready (\S+)/u.exec(said)?.[1];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
      child.once("exit", (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`a process ended at its start: ${code ?? signal}`));
      });
    });
  }

  /** `SIGKILL`, and a new start. */
  async kill(index: number): Promise<void> {
    await this.#end(index, "SIGKILL");
    this.kills += 1;
    for (let starts = 1; ; starts += 1) {
      try {
        return await this.start(index);
      } catch (error) {
        if (starts === mostStarts) throw error;
      }
    }
  }

  /** The process's number; undefined while it does not run. */
  pid(index: number): number | undefined {
    return this.#children[index]?.pid;
  }

  async stopAll(): Promise<void> {
    await Promise.all(this.#dataDirs.map((_, index) => this.#end(index, "SIGTERM")));
  }

  async #end(index: number, signal: NodeJS.Signals): Promise<void> {
    const child = this.#children[index];
    this.urls[index] = undefined;
    this.#children[index] = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
    await ended;
    clearTimeout(late);
  }
}
