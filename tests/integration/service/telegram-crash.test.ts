import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { PersonDriver } from "../../support/bot-api/people.ts";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { ServiceSite } from "./service-site.ts";
import { patience, shownAfter, telegramSettings } from "./telegram-service.ts";

const repeated = /^（重发）[^\n]*\n/u;

let api: BotApi;
let site: ServiceSite;
let people: PersonDriver[];

beforeAll(async () => {
  api = await startBotApi();
  // Long enough to be killed in.
  site = await ServiceSite.open({ ...telegramSettings(api), BURST_MS: "2500" });
  people = Array.from({ length: 4 }, () => api.newPerson());
  await Promise.all(people.map((person) => shownAfter(person, 2, () => person.sends("你好"))));
});
afterAll(async () => {
  await site?.close();
  await api?.close();
});

const contactMessages = 1 + 3 + 1 + 1;

/** Runs on until everybody was shown so many more messages. */
async function everybodySees(more: number, from: ReadonlyMap<PersonDriver, number>): Promise<void> {
  for (const person of people) {
    const seen = () => person.sent.length - (from.get(person) ?? 0);
    await vi.waitFor(() => expect(seen()).toBeGreaterThanOrEqual(more), patience);
  }
}

const counts = () => new Map(people.map((person) => [person, person.sent.length]));

it("killed in the middle of a burst, it answers the whole burst once after the start", async () => {
  const before = counts();
  for (const person of people) {
    person.sends("老板");
    person.sends("三个月没发工资了");
    person.sends("我该找谁");
  }
  // Confirmed to Telegram: from here on the database alone knows of them.
  await expect.poll(() => api.pending.length, { ...patience, interval: 1 }).toBe(0);
  await site.kill();
  expect(counts()).toEqual(before);
  await site.start();
  await everybodySees(1, before);
  const bursts = site.logged("a turn ended").map(({ burst }) => burst);
  expect(bursts.filter((burst) => burst === 3)).toHaveLength(people.length);
});

it("killed while it is handed updates, it gets them again and answers once", async () => {
  const before = counts();
  const polls = () => api.calls.filter(({ method }) => method === "getUpdates").length;
  const asked = polls();
  for (const person of people) person.sends("婚假有几天");
  await expect.poll(polls, { ...patience, interval: 1 }).toBeGreaterThan(asked);
  await site.kill();
  await site.start();
  await everybodySees(1, before);
});

it("killed while Telegram takes its answers, it repeats what is open, and says so", async () => {
  const before = counts();
  const killed = Promise.withResolvers<void>();
  let armed = true;
  api.onSent(() => {
    if (!armed) return;
    armed = false;
    // In the same moment: Telegram's answer finds nobody any more.
    site.kill().then(killed.resolve, killed.reject);
  });
  for (const person of people) person.sends("年休假一年有几天");
  await killed.promise;
  await site.start();
  await everybodySees(1, before);
  const marked = () => people.flatMap(({ texts }) => texts).filter((text) => repeated.test(text));
  await expect.poll(() => marked().length, patience).toBeGreaterThan(0);
});

it("has stored every message once, answered each, and shown each reply once but for marked repeats", async () => {
  // Whatever was still to come comes before the answer to this.
  await Promise.all(people.map((person) => shownAfter(person, 1, () => person.sends("谢谢"))));
  // What was shown may have been a late reply to something before: twice the burst without a word is the end.
  const shown = () => people.reduce((sum, { texts }) => sum + texts.length, 0);
  for (let before = -1; before !== shown(); ) {
    before = shown();
    await sleep(6_000);
  }
  const remains = await site.remains();
  const received = remains.rows("messages").filter(({ sender }) => sender === "contact");
  expect(received).toHaveLength(people.length * (contactMessages + 1));
  expect(received.filter(({ answered_at }) => answered_at === null)).toEqual([]);
  const deliveries = remains.rows("deliveries");
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(["sent"]));
  // A greeting comes with the notice; a burst, and each later message, has one reply.
  expect(deliveries).toHaveLength(people.length * (2 + 1 + 1 + 1 + 1));
  let distinct = 0;
  for (const { texts } of people) {
    const first = texts.filter((text) => !repeated.test(text));
    expect(first).toHaveLength(new Set(first).size);
    distinct += new Set(texts.map((text) => text.replace(repeated, ""))).size;
  }
  expect(distinct).toBe(deliveries.reduce((sum, row) => sum + Number(row.parts_sent), 0));
  const seenTwice = people.flatMap(({ texts }) => texts).length - distinct;
  expect(seenTwice).toBeGreaterThanOrEqual(0);
  expect(seenTwice).toBeLessThanOrEqual(deliveries.filter((row) => row.repeated === true).length);
});
