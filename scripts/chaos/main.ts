/**
 * Kills, cuts and fails while thousands of contacts write: `npm run chaos [-- --database pglite] [--telegram webhook]
 * [--messages 20000] [--contacts 2000] [--seed 1]`. Prints what became of every message, and exits 1 where one was
 * lost, came out of order, or came twice without need or without saying so; then also what the database and the logs
 * say about it. PostgreSQL: `CHAOS_POSTGRES_URL`, default the local one. Takes a few minutes; everything is on loopback
 * and gone afterwards.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { seededRandom } from "../../tests/support/bot-api/faults.ts";
import { Replicas } from "../processes/replicas.ts";
import { type Account, accountFor, addUp } from "./account.ts";
import { explainFaults, LogLines } from "./causes.ts";
import { openChaosDatabase } from "./databases.ts";
import { type FrontDoor, startFrontDoor } from "./front-door.ts";
import { startTelegram, telegramSettings } from "./telegram.ts";
import { WebContact } from "./web-contact.ts";

const { values } = parseArgs({
  options: {
    database: { type: "string", default: "postgres" },
    telegram: { type: "string", default: "poll" },
    messages: { type: "string", default: "20000" },
    contacts: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    kills: { type: "string" },
    cuts: { type: "string", default: "10" },
    rate: { type: "string", default: "150" },
  },
});
const onPglite = values.database === "pglite";
const byWebhook = values.telegram === "webhook";
const messages = Number(values.messages);
const contacts = Number(values.contacts);
const kills = Number(values.kills ?? (onPglite ? 10 : 20));
const cuts = onPglite ? 0 : Number(values.cuts);
/** What was shown so many milliseconds before or after the end of a process, it may not have written down. */
const unwritten = 500;
const random = seededRandom(Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), "niangjia-chaos-"));
const began = performance.now();
const say = (line: string) =>
  process.stdout.write(`${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${line}\n`);

const database = await openChaosDatabase(onPglite);
const telegram = await startTelegram(Number(values.seed), random);
const log = new LogLines();
const replicas = new Replicas(
  Array.from({ length: onPglite ? 1 : 2 }, (_, index) => join(folder, `${index}`)),
  { ...telegramSettings(telegram.api, byWebhook), ...database.settings, ...quietSettings() },
  (line) => log.add(line),
);
let door: FrontDoor | undefined;
let faults: Account["faults"] = [];
let isGood = false;
/** Sends that may have been under way when a process was killed. */
let openAtKills = 0;
try {
  if (byWebhook) {
    door = await startFrontDoor(replicas, random);
    await telegram.postTo(door.url);
  }
  for (let index = 0; index < replicas.count; index += 1) await replicas.start(index);
  say(`${replicas.count} processes on ${onPglite ? "PGlite" : "PostgreSQL"} are ready`);
  isGood = await run();
} finally {
  await replicas.stopAll();
  await door?.close();
  await telegram.api.close();
  if (!isGood) {
    await explainFaults(faults, { dataDir: join(folder, "0"), ...database.address });
    log.print();
  }
  await database.close();
  rmSync(folder, { recursive: true, force: true });
}
process.exitCode = isGood ? 0 : 1;

function quietSettings(): Record<string, string> {
  return {
    LOG_LEVEL: process.env.LOG_LEVEL || "warn",
    TURNS: "echo",
    BURST_MS: "50",
    MESSAGES_PER_VISITOR_PER_MINUTE: "100000",
    MESSAGES_PER_CONTACT_PER_MINUTE: "100000",
    REQUESTS_PER_ADDRESS_PER_MINUTE: "1000000",
    BUSY_AFTER: "1000000",
  };
}

async function run(): Promise<boolean> {
  const visitors = Array.from(
    { length: Math.ceil(contacts / 2) },
    (_, index) => new WebContact(`w${index}`, replicas, random),
  );
  await inParallel(visitors, 40, (visitor) => visitor.open());
  say(`${visitors.length} web visitors and ${contacts - visitors.length} Telegram users begin to write`);
  const people = Array.from({ length: contacts - visitors.length }, () => telegram.api.newPerson());

  let done = false;
  const trouble = makeTrouble(() => done);
  const each = Math.floor(messages / contacts);
  const turns = Array.from({ length: each }, (_, round) => round);
  const pace = 1_000 / Number(values.rate);
  const writing: Promise<void>[] = [];
  let next = performance.now();
  for (const round of turns) {
    for (let index = 0; index < visitors.length; index += 1) {
      const visitor = visitors[index] as WebContact;
      writing.push(visitor.send(`${round}`, `${visitor.name}-${round}`));
      const person = people[index];
      if (person !== undefined) telegram.write(person, `t${index}-${round}`);
      next += 2 * pace;
      const wait = next - performance.now();
      if (wait > 0) await sleep(wait);
    }
    say(`round ${round + 1} of ${each}: ${replicas.kills} kills, ${database.cuts()} cuts so far`);
  }
  await Promise.all(writing);
  say("everything was written");
  done = true;
  await trouble;
  say(`${replicas.kills} kills, ${database.cuts()} cuts; waiting for the rest`);
  const written = (name: string) => turns.map((round) => `${name}-${round}`);
  const accountOf = (person: (typeof people)[number], index: number) =>
    accountFor(written(`t${index}`), person.texts);
  await workedOff(visitors, () => addUp(people.map(accountOf)).lost);

  const webAccounts: Account[] = [];
  await inParallel(visitors, 20, async (visitor) => {
    webAccounts.push(await visitor.account());
  });
  return report(addUp(webAccounts), addUp(people.map(accountOf)));
}

function report(web: Account, messenger: Account): boolean {
  const { tooManyRequests, serverError, timeoutDelivered, timeoutLost } = telegram.api.faults.counts;
  const disturbed = door === undefined ? "" : `, disturbed webhooks ${door.disturbed}`;
  process.stdout.write(`
            received  answered  out of order  lost  repeated  unmarked repeats
web        ${row(web)}
telegram   ${row(messenger)}

kills ${replicas.kills}, database cuts ${database.cuts()}, replayed Telegram updates ${telegram.replayed()}${disturbed}
answers of Telegram: 429 ${tooManyRequests}, 500 ${serverError}, none ${timeoutDelivered + timeoutLost} (delivered all the same ${timeoutDelivered})
repeats allowed: ${timeoutDelivered} unanswered, ${openAtKills} shown within half a second of a kill
`);
  faults = [...web.faults, ...messenger.faults];
  const good =
    web.lost + web.outOfOrder + web.repeated === 0 &&
    messenger.lost + messenger.outOfOrder + messenger.unmarked === 0 &&
    messenger.repeated <= timeoutDelivered + openAtKills &&
    web.received + messenger.received === Math.floor(messages / contacts) * contacts;
  process.stdout.write(good ? "as promised\n" : "NOT AS PROMISED\n");
  return good;
}

function row({ received, answered, outOfOrder, lost, repeated, unmarked }: Account): string {
  return `${pad(received, 8)}${pad(answered, 10)}${pad(outOfOrder, 14)}${pad(lost, 6)}${pad(repeated, 10)}${pad(unmarked, 18)}`;
}

function pad(value: number, width: number): string {
  return `${value}`.padStart(width);
}

/** Kills and cuts, spread over the writing; resolves when all were done. */
async function makeTrouble(isOver: () => boolean): Promise<void> {
  const span = (messages / Number(values.rate)) * 1_000;
  const plan = [
    ...Array.from({ length: kills }, () => ({ at: random() * span, what: "kill" as const })),
    ...Array.from({ length: cuts }, () => ({ at: random() * span, what: "cut" as const })),
  ].sort((a, b) => a.at - b.at);
  const start = performance.now();
  for (const { at, what } of plan) {
    const wait = start + at - performance.now();
    if (wait > 0 && !isOver()) await sleep(wait);
    if (what === "cut") {
      database.cut();
      continue;
    }
    const before = telegram.shownWithin(unwritten);
    const killed = replicas.kill(Math.floor(random() * replicas.count));
    await sleep(unwritten);
    openAtKills += before + telegram.shownWithin(unwritten);
    await killed;
  }
}

/** Waits until every message has its answer, at most six minutes, and then a little for what comes too often. */
async function workedOff(visitors: readonly WebContact[], missingOnTelegram: () => number): Promise<void> {
  let open = [...visitors];
  for (let tries = 0; tries < 120; tries += 1) {
    const still: WebContact[] = [];
    await inParallel(open, 20, async (visitor) => {
      if ((await visitor.account()).lost > 0) still.push(visitor);
    });
    open = still;
    const missing = missingOnTelegram();
    if (open.length === 0 && missing === 0) break;
    say(`still open: ${open.length} web visitors, ${missing} messages on Telegram`);
    await sleep(3_000);
  }
  await sleep(5_000);
}

async function inParallel<Item>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (next < items.length) await work(items[next++] as Item);
    }),
  );
}
