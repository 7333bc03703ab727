/**
 * One process of the service, with the settings of its environment. `TURNS=echo`: everything of the road is real, only
 * the answer is simple.
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
const parts = process.env.TURNS === "echo" ? { handler: echo } : {};
const service = await startService(config, createLogger({ level: config.logLevel }), parts);
process.on("SIGTERM", () => void service.stop(10_000).then(() => process.exit(0)));
process.stdout.write(`ready ${service.url}\n`);
