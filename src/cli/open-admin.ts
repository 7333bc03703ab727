import { dataFolder, openStorage } from "../app.ts";
import type { Config } from "../config.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type AdminCommandName, type AdminResults, adminCommands } from "./admin-commands.ts";
import { createAdminParts } from "./admin-parts.ts";
import { runCommand } from "./run-command.ts";

/** Runs an admin's command in the running service, or here on the data folder. */
export async function runAdminCommand<Name extends AdminCommandName>(
  config: Config,
  logger: Logger,
  name: Name,
  args: unknown,
  signal: AbortSignal,
): Promise<AdminResults[Name]> {
  const result = await runCommand({ dataDir: dataFolder(config), name, args, signal }, async () => {
    const database = await openStorage(config, logger);
    try {
      return await adminCommands(createAdminParts(config, database))[name](args, () => {}, signal);
    } finally {
      await database.close();
    }
  });
  return result as AdminResults[Name];
}
