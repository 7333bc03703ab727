import { randomUUID } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createLibrary, createTurn, openStorage } from "../../src/app.ts";
import { readConfig } from "../../src/config.ts";
import { shippedKnowledge } from "../../src/knowledge/knowledge-folder.ts";
import { readGolden } from "../../src/knowledge/rehearsal/golden-questions.ts";
import { ConversationEvents } from "../../src/messaging/conversation-events.ts";
import { runTurn, type TurnParts } from "../../src/messaging/run-turn.ts";
import { ownDataDir } from "../../src/storage/control-socket.ts";
import { SqlConversationStore } from "../../src/storage/conversation-store.ts";
import { SqlLaneStore } from "../../src/storage/lane-store.ts";
import { createSealer } from "../../src/storage/sealer.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { type Figure, quantile } from "./figure.ts";

/** Turns before the clock counts: the code is compiled and the caches are warm then. */
const warmUp = 50;
const measured = 400;

/**
 * What a turn costs without a language model: the message is stored, the turn runs on the live library and the
 * embedded database, the reply is stored. Also a reload without changes as a call.
 */
export async function measureTurns(dataDir: string): Promise<Figure[]> {
  const config = readConfig({ DATA_DIR: dataDir });
  const logger = createLogger({ level: "warn" });
  const owner = await ownDataDir(dataDir);
  const database = await openStorage(config, logger);
  try {
    const library = await createLibrary(config, database);
    await library.start();
    const conversations = new SqlConversationStore({
      db: database.db,
      newId: randomUUID,
      now: () => new Date(),
      sealer: createSealer(),
    });
    const lanes = new SqlLaneStore(database);
    const parts: TurnParts = {
      conversations,
      lanes,
      handler: await createTurn(config, library, logger),
      events: new ConversationEvents(),
      apology: () => "",
      logger: { info: () => {}, warn: () => {}, error: (details, message) => logger.error(details, message) },
      observer: {
        turnEnded: () => {},
        turnFailed: () => {
          throw new Error("a turn failed");
        },
        setAside: () => {},
        leaseLost: () => {},
      },
      now: () => performance.now(),
    };
    const times: number[] = [];
    let spent = process.cpuUsage();
    for (const [turn, question] of (await goldenQuestions(warmUp + measured)).entries()) {
      if (turn === warmUp) spent = process.cpuUsage();
      const { id: conversationId } = await conversations.open("bench");
      const began = performance.now();
      await conversations.receive({ channel: "bench", externalId: "1", conversationId, text: question }, 0);
      const [claim] = await lanes.claim("turn", "bench", 1, 60_000);
      if (claim === undefined) throw new Error("the turn was not due");
      await runTurn(parts, claim, new AbortController().signal);
      times.push(performance.now() - began);
    }
    const counted = times.slice(warmUp);
    const { user, system } = process.cpuUsage(spent);

    const reloads: number[] = [];
    for (let run = 0; run < 5; run++) reloads.push((await library.reload()).milliseconds);
    return [
      {
        name: `turn: own cost p50 of ${counted.length}`,
        value: quantile(counted, 0.5),
        unit: "ms",
        budget: 8,
      },
      { name: "turn: own cost p95", value: quantile(counted, 0.95), unit: "ms", budget: 25 },
      {
        name: "turn: own cost, mean processor time",
        value: (user + system) / 1_000 / counted.length,
        unit: "ms",
      },
      {
        name: "reload: nothing changed, as a call, median of 5",
        value: quantile(reloads, 0.5) / 1_000,
        unit: "s",
        budget: 0.5,
      },
    ];
  } finally {
    await database.close();
    await owner.close();
  }
}

/** Golden questions of all topics, evenly drawn. */
async function goldenQuestions(count: number): Promise<string[]> {
  const folder = join(shippedKnowledge, "golden");
  const all: string[] = [];
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith(".jsonl"))
      all.push(...(await readGolden(join(folder, name))).map(({ question }) => question));
  }
  const step = Math.max(1, Math.floor(all.length / count));
  return all.filter((_, index) => index % step === 0).slice(0, count);
}
