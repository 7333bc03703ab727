import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { temporaryDataFolder } from "../../support/data-folder.ts";
import { makeKnowledge, sampleGuides } from "../../support/knowledge-folder.ts";

const program = fileURLToPath(new URL("./swapping-process.ts", import.meta.url));

/** `KILLS=20` for the whole measure: each takes the start of a process. */
const kills = Number(process.env.KILLS || 4);

const golden = `${JSON.stringify({ id: "heat-1", question: "高温津贴怎么办", guide: "heat", expect: "津贴" })}\n`;

type Step = "reload" | "rollback";

interface Line {
  readonly opened?: string;
  readonly active?: number;
  readonly generation?: number;
  readonly ids?: readonly string[];
  readonly manifest?: readonly string[];
  readonly begins?: Step;
  readonly ended?: Step;
  readonly from?: string;
  readonly to?: string;
  readonly serves?: string;
}

/**
 * Lets a process swap and roll back, and kills it in this step, `share` of the way through. `took`: how long each step
 * took before; a step whose time is not known yet is let through once.
 */
async function swapUntilKilled(
  dataDir: string,
  folder: string,
  step: Step,
  share: number,
  took: Record<Step, number>,
): Promise<Line[]> {
  const child = spawn(process.execPath, [program, dataDir, folder], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const lines: Line[] = [];
  let began = 0;
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if (line.ended !== undefined) took[line.ended] = performance.now() - began;
    if (line.begins === undefined) continue;
    began = performance.now();
    if (line.begins === step && took[step] > 0)
      void delay(took[step] * share).then(() => child.kill("SIGKILL"));
  }
  await exited;
  expect(child.signalCode).toBe("SIGKILL");
  return lines;
}

it(
  `a process that is killed ${kills} times while it swaps and rolls back leaves a whole generation`,
  async () => {
    const folder = await makeKnowledge({ ...sampleGuides, "golden/heat.jsonl": golden });
    const dataDir = await temporaryDataFolder();
    let possible: (string | undefined)[] = [];
    const inStep: Record<Step, number> = { reload: 0, rollback: 0 };
    const took: Record<Step, number> = { reload: 0, rollback: 0 };

    for (let kill = 0; kill <= kills; kill++) {
      const step = kill % 2 === 0 ? "reload" : "rollback";
      // Spread over the whole step, however fast this machine is.
      const share = (kill + 0.5) / (kills + 1);
      const lines = await swapUntilKilled(dataDir, folder, step, share, took);

      // What a process finds is what the killed one before it left.
      const { opened, active, generation, ids, manifest } = lines[0] ?? {};
      expect(generation).toBe(active);
      expect(ids).toEqual(manifest);
      expect(ids).toEqual(expect.arrayContaining(["annual-leave", "double-wage", "heat", "local-hotlines"]));
      if (possible.length > 0) expect(possible).toContain(opened);

      const last = lines.at(-1) ?? {};
      // Between two steps nothing is open.
      possible = last.begins === undefined ? [last.serves] : [last.from, last.to];
      if (last.begins !== undefined) inStep[last.begins]++;
    }
    process.stdout.write(
      `killed in a reload ${inStep.reload} times, in a rollback ${inStep.rollback} times of ${kills + 1}\n`,
    );
    expect(inStep.reload + inStep.rollback).toBeGreaterThan(kills / 2);
  },
  60_000 + 30_000 * kills,
);
