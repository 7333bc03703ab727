import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startBotApi } from "../../tests/support/bot-api/start-bot-api.ts";
import { type ChaosDatabase, openChaosDatabase } from "../chaos/databases.ts";
import { telegramSettings } from "../chaos/telegram.ts";
import { readGolden } from "../eval/golden-lines.ts";
import { Replicas } from "../processes/replicas.ts";
import { measureBareWebhook } from "./bare-webhook.ts";
import { type Figure, quantile } from "./figure.ts";
import { WebLoad } from "./web-load.ts";

const unlimited = {
  LOG_LEVEL: "error",
  BURST_MS: "0",
  MESSAGES_PER_VISITOR_PER_MINUTE: "1000000",
  MESSAGES_PER_CONTACT_PER_MINUTE: "1000000",
  REQUESTS_PER_ADDRESS_PER_MINUTE: "1000000",
  BUSY_AFTER: "1000000",
};

interface Setting {
  readonly name: string;
  readonly onPglite: boolean;
  readonly replicas: number;
}

const settings: readonly Setting[] = [
  { name: "PGlite", onPglite: true, replicas: 1 },
  { name: "PostgreSQL, 2 replicas", onPglite: false, replicas: 2 },
];

/** What the road costs: time to the platform, messages a second, waiting conversations, and a peer without a store. */
export async function measureRoad(skipped: string[]): Promise<Figure[]> {
  const figures: Figure[] = [...(await measureHandOut())];
  const webhookMs = await measureBareWebhook();
  for (const setting of settings) {
    try {
      figures.push(...(await measureThroughput(setting, webhookMs)));
    } catch (error) {
      if (setting.onPglite) throw error;
      skipped.push(`road on ${setting.name}: skipped, ${(error as Error).message}`);
    }
  }
  return figures;
}

/** From a Telegram user's message to its reply at the platform, with real turns, at 50 messages a second. */
async function measureHandOut(): Promise<Figure[]> {
  const api = await startBotApi({ recordCalls: false });
  return withService<Figure[]>({ name: "", onPglite: true, replicas: 1 }, telegramSettings(api), async () => {
    const questions = await readGolden(join(import.meta.dirname, "../../knowledge/golden/blind.jsonl"));
    const sentAt = new Map<number, number>();
    const times: number[] = [];
    api.onSent(({ chatId }) => {
      const at = sentAt.get(chatId);
      if (at === undefined) return;
      sentAt.delete(chatId);
      times.push(performance.now() - at);
    });
    const people = Array.from({ length: 50 }, () => api.newPerson());
    const warmUp = 250;
    const all = warmUp + 1_500;
    const began = performance.now();
    for (let index = 0; index < all; index += 1) {
      const person = people[index % people.length];
      const text = questions[index % questions.length]?.question ?? "";
      const wait = began + index * 20 - performance.now();
      if (wait > 0) await sleep(wait);
      if (person === undefined) continue;
      sentAt.set(person.chatId, performance.now());
      person.sends(text);
    }
    await sleep(2_000);
    const counted = times.slice(warmUp);
    return [
      {
        name: `road: in to platform, 50/s, real turns, PGlite, p50 of ${counted.length}`,
        value: quantile(counted, 0.5),
        unit: "ms",
        budget: 25,
      },
      {
        name: "road: in to platform, 50/s, real turns, PGlite, p95",
        value: quantile(counted, 0.95),
        unit: "ms",
        budget: 80,
      },
    ];
  }).finally(() => api.close());
}

async function measureThroughput(setting: Setting, webhookMs: number): Promise<Figure[]> {
  const figures: Figure[] = [];
  await withService(setting, { TURNS: "echo" }, async (replicas) => {
    const load = await WebLoad.open(replicas, 200);
    await load.run(1_000, (index) => `热身 ${index}`);
    const rate = await load.run(setting.onPglite ? 4_000 : 6_000, (index) => `第 ${index} 句`);
    figures.push(
      {
        name: `road: echo over the web, ${setting.name}`,
        value: rate,
        unit: "per s",
        least: setting.onPglite ? 150 : 300,
      },
      {
        name: `road: echo, ${setting.name}, times the cost of a bare webhook`,
        value: 1_000 / rate / webhookMs,
        unit: "times",
      },
    );
    if (setting.onPglite) figures.push(...(await measureWaiting(replicas)));
  });
  await withService(setting, {}, async (replicas) => {
    const questions = await readGolden(join(import.meta.dirname, "../../knowledge/golden/blind.jsonl"));
    const load = await WebLoad.open(replicas, 100);
    const ask = (index: number) => questions[index % questions.length]?.question ?? "";
    await load.run(200, ask);
    const rate = await load.run(1_500, ask);
    figures.push({
      name: `road: real turns over the web, ${setting.name}`,
      value: rate,
      unit: "per s",
      least: 60,
    });
  });
  return figures;
}

/** Memory that ten thousand conversations cost which wait for their turn. */
async function measureWaiting(replicas: Replicas): Promise<Figure[]> {
  const before = residentMb(replicas.pid(0));
  const load = await WebLoad.open(replicas, 10_000);
  // They wait because the turns of all are held up: each writes twice at once while the others are worked off.
  const writing = load.write(20_000, (index) => `等 ${index}`);
  let most = before;
  const watching = setInterval(() => {
    most = Math.max(most, residentMb(replicas.pid(0)));
  }, 200);
  await writing;
  clearInterval(watching);
  return Number.isNaN(before)
    ? []
    : [
        {
          name: "road: 10 000 conversations that write at once, memory on top",
          value: most - before,
          unit: "MB",
          budget: 200,
        },
      ];
}

async function withService<Result>(
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

function residentMb(pid: number | undefined): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/^VmRSS:\s+(?<kilobytes>\d+)/mu.exec(status)?.groups?.kilobytes) / 1_024;
  } catch {
    return Number.NaN;
  }
}
