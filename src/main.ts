import { readConfig } from "./config.ts";
import { messageOf } from "./errors.ts";
import { startService } from "./service/start-service.ts";
import { createLogger } from "./telemetry/logger.ts";

/** Milliseconds that the turns and requests at hand are given to end. */
const drainMs = 10_000;

try {
  const config = readConfig(process.env);
  const logger = createLogger({ level: config.logLevel });
  const service = await startService(config, logger);

  let stopping = false;
  const stop = (signal: NodeJS.Signals) => {
    // A second signal means now: nothing is lost, unanswered messages are found again at the next start.
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, "stopping");
    service.stop(drainMs).then(
      () => process.exit(0),
      (err: unknown) => {
        logger.error({ err }, "the stop failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // Said last: whoever waits for this line may send a signal at once.
  process.stderr.write(`娘家人已启动：${service.url}  （按 Ctrl+C 停止）\n`);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
