/**
 * One process of the service, with the settings of its environment. `TURNS=echo` or `hold`: everything of the road
 * is real, only the answer is simple, or does not come.
 */
import { readConfig } from "../../src/config.ts";
import type { TurnHandler } from "../../src/messaging/turn-handler.ts";
import { startService } from "../../src/service/start-service.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

const config = readConfig(process.env);
const echo: TurnHandler = {
  handle: async ({ messages }) => ({
    replies: messages.map(({ text }) => ({ sender: "bot", text: `回 ${text}` })),
  }),
};
/** Turns that never end by themselves: everything else waits. */
const hold: TurnHandler = {
  handle: (_input, _progress, signal) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
};
const handlers: Readonly<Record<string, TurnHandler>> = { echo, hold };
const handler = handlers[process.env.TURNS ?? ""];
const parts = handler === undefined ? {} : { handler };
const service = await startService(config, createLogger({ level: config.logLevel }), parts);
process.on("SIGTERM", () => void service.stop(10_000).then(() => process.exit(0)));
process.stdout.write(`ready ${service.url}\n`);
