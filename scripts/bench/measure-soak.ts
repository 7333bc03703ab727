import { setTimeout as sleep } from "node:timers/promises";
import type { Figure } from "./figure.ts";
import { residentMb, withService } from "./road-service.ts";
import { WebLoad } from "./web-load.ts";

const perSecond = 50;
const warmUpSeconds = 120;
const visitors = 500;

/** Memory of the service while fifty messages a second come in for ten minutes, with real turns, on PGlite. */
export async function measureSoak(minutes: number): Promise<Figure[]> {
  return withService<Figure[]>({ onPglite: true, replicas: 1 }, {}, async (replicas) => {
    const load = await WebLoad.open(replicas, visitors);
    const samples: number[] = [];
    const seconds = warmUpSeconds + minutes * 60;
    const began = performance.now();
    const late: Promise<void>[] = [];
    for (let second = 0; second < seconds; second += 1) {
      late.push(load.write(perSecond, (index) => questions[index % questions.length] ?? ""));
      if (late.length > 30) await late.shift();
      if (second >= warmUpSeconds && second % 5 === 0) samples.push(residentMb(replicas.pid(0)));
      const wait = began + (second + 1) * 1_000 - performance.now();
      if (wait > 0) await sleep(wait);
    }
    await Promise.all(late);
    const share = Math.max(1, Math.floor(samples.length / 5));
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const first = mean(samples.slice(0, share));
    const last = mean(samples.slice(-share));
    return [
      {
        name: `soak: ${minutes} minutes at ${perSecond}/s, memory in the first fifth`,
        value: first,
        unit: "MB",
      },
      { name: "soak: memory in the last fifth", value: last, unit: "MB" },
      { name: "soak: growth", value: last / first, unit: "times", budget: 1.1 },
    ];
  });
}

const questions = [
  "公司一直不签合同我能要什么赔偿",
  "工资拖了三个月没发，到哪里告",
  "上班路上被车撞了算不算工伤",
  "没有工会的公司，我怎么加入工会",
  "被辞退了能拿多少补偿",
  "年假有几天",
  "谢谢",
];
