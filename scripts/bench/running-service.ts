import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Milliseconds within which the service must be ready, whatever the machine does meanwhile. */
const patience = 120_000;

export interface MeasuredService {
  readonly url: string;
  /** Milliseconds from the process's start until `/readyz` answered 200. */
  readonly readyMs: number;
  /** Processor seconds of all its threads until then: what a busy machine does not change. */
  readonly processorSeconds: number | undefined;
  /** Resident memory now, in MB; undefined where the system does not tell. */
  residentMb(): number | undefined;
  stop(): Promise<void>;
}

/** Starts the real service on a data folder, as `npm start` does after its look at the pages. */
export async function startMeasured(dataDir: string): Promise<MeasuredService> {
  const started = performance.now();
  const service = spawn(process.execPath, ["src/start.mjs"], {
    cwd: root,
    env: { ...process.env, PORT: "0", DATA_DIR: dataDir, LOG_LEVEL: "warn", DATABASE_URL: "" },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const url = await readyLine(service);
  const answer = await fetch(new URL("/readyz", url));
  if (!answer.ok) throw new Error(`/readyz answers ${answer.status}`);
  return {
    url,
    readyMs: performance.now() - started,
    processorSeconds: processorSeconds(service.pid ?? 0),
    residentMb: () => residentMb(service.pid ?? 0),
    stop: async () => {
      const ended = new Promise((resolve) => service.once("exit", resolve));
      service.kill("SIGTERM");
      await ended;
    },
  };
}

function readyLine(service: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => {
      service.kill("SIGKILL");
      reject(new Error(`the service was not ready in time: ${said}`));
    }, patience);
    service.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      const url = /http:\/\/[\w.:[\]]+/u.exec(said)?.[0];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    service.once("exit", (code) => {
      clearTimeout(timer);
      reject(new Error(`the service ended with ${code}: ${said}`));
    });
  });
}

/** From Linux's accounting, in its hundredths of a second. */
function processorSeconds(pid: number): number | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    return undefined;
  }
}

function residentMb(pid: number): number | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(?<kilobytes>\d+)/mu.exec(status)?.groups?.kilobytes) / 1_024;
  } catch {
    return undefined;
  }
}
