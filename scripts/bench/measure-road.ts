import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { readGolden } from "../../src/knowledge/rehearsal/golden-questions.ts";
import { startBotApi } from "../../tests/support/bot-api/start-bot-api.ts";
import { telegramSettings } from "../chaos/telegram.ts";
import { measureBareWebhook } from "./bare-webhook.ts";
import { type Figure, quantile } from "./figure.ts";
import { residentMb, type Setting, withService } from "./road-service.ts";
import { WebLoad } from "./web-load.ts";

interface NamedSetting extends Setting {
  readonly name: string;
}

const settings: readonly NamedSetting[] = [
  { name: "PGlite", onPglite: true, replicas: 1 },
  { name: "PostgreSQL, 2 replicas", onPglite: false, replicas: 2 },
];

/** What the road costs: time to the platform, messages a second, waiting conversations, and a peer without a store. */
export async function measureRoad(skipped: string[]): Promise<Figure[]> {
  const figures: Figure[] = [...(await measureHandOut()), ...(await measureWaiting())];
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
  return withService<Figure[]>({ onPglite: true, replicas: 1 }, telegramSettings(api), async () => {
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

async function measureThroughput(setting: NamedSetting, webhookMs: number): Promise<Figure[]> {
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

/** Memory that ten thousand conversations cost which wait because the turns of a few take for ever. */
async function measureWaiting(): Promise<Figure[]> {
  const waiting = 10_000;
  return withService<Figure[]>({ onPglite: true, replicas: 1 }, { TURNS: "hold" }, async (replicas) => {
    const before = residentMb(replicas.pid(0));
    const load = await WebLoad.open(replicas, waiting);
    await load.write(waiting, (index) => `等 ${index}`);
    const value = residentMb(replicas.pid(0)) - before;
    if (Number.isNaN(value)) return [];
    return [{ name: "road: 10 000 waiting conversations, memory on top", value, unit: "MB", budget: 200 }];
  });
}
