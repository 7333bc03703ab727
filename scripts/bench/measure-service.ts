import { spawnSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { ReloadReport } from "../../src/knowledge/reload-report.ts";
import { callControl } from "../../src/storage/control-client.ts";
import { type Figure, quantile } from "./figure.ts";
import { type MeasuredService, startMeasured } from "./running-service.ts";

const pageScript = fileURLToPath(new URL("../build-pages.mjs", import.meta.url));
/** Milliseconds after which a service that nobody asks has come to rest. */
const restMs = 5_000;

/** Start, memory and a reload without changes, of the real process. Leaves a filled data folder behind. */
export async function measureService(dataDir: string): Promise<Figure[]> {
  const pages = performance.now();
  spawnSync(process.execPath, [pageScript, "--if-stale"]);
  const pagesMs = performance.now() - pages;

  const first = await startMeasured(dataDir);
  await first.stop();
  const again: number[] = [];
  for (let run = 0; run < 2; run++) {
    const service = await startMeasured(dataDir);
    again.push(service.readyMs);
    await service.stop();
  }
  const last = await startMeasured(dataDir);
  again.push(last.readyMs);
  try {
    await sleep(restMs);
    const idle = last.residentMb();
    const reloads: number[] = [];
    for (let run = 0; run < 5; run++) {
      const began = performance.now();
      const outcome = await callControl(dataDir, "reload", {});
      reloads.push(performance.now() - began);
      const report = outcome.running ? (outcome.result as ReloadReport) : undefined;
      if (report === undefined || report.added.length + report.changed.length + report.removed.length > 0)
        throw new Error("the reload was not one without changes");
    }
    return [
      { name: "start: look at the built pages", value: pagesMs / 1_000, unit: "s" },
      { name: "start: empty data folder", value: (first.readyMs + pagesMs) / 1_000, unit: "s", budget: 10 },
      ...processorTime("start: empty data folder, processor time", first),
      {
        name: "start: existing data folder, median of 3",
        value: (quantile(again, 0.5) + pagesMs) / 1_000,
        unit: "s",
        budget: 3,
      },
      ...processorTime("start: existing data folder, processor time", last),
      ...(idle === undefined
        ? []
        : [{ name: "memory: at rest after a start", value: idle, unit: "MB", budget: 600 } as const]),
      {
        name: "reload: nothing changed, running service, median of 5",
        value: quantile(reloads, 0.5) / 1_000,
        unit: "s",
        budget: 0.5,
      },
    ];
  } finally {
    await last.stop();
  }
}

function processorTime(name: string, { processorSeconds }: MeasuredService): Figure[] {
  return processorSeconds === undefined ? [] : [{ name, value: processorSeconds, unit: "s" }];
}
