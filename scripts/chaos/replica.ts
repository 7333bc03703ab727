/**
 * One process of the service whose turns echo: everything of the road is real, only the answer is simple. Reads the
 * settings of the service from the environment.
 */
import { readConfig } from "../../src/config.ts";
import { startService } from "../../src/service/start-service.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

const config = readConfig(process.env);
const service = await startService(config, createLogger({ level: config.logLevel }), {
  handler: {
    handle: async ({ messages }) => ({
      replies: messages.map(({ text }) => ({ sender: "bot", text: `回 ${text}` })),
    }),
  },
});
process.on("SIGTERM", () => void service.stop(10_000).then(() => process.exit(0)));
process.stdout.write(`ready ${service.url}\n`);
