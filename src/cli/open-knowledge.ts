import { createLibrary, dataFolder, openStorage, today } from "../app.ts";
import type { Config } from "../config.ts";
import type { KnowledgeLibrary } from "../knowledge/knowledge-library.ts";
import type { ReloadReport } from "../knowledge/reload-report.ts";
import type { Logger } from "../telemetry/logger.ts";
import { type KnowledgeResults, knowledgeCommands } from "./knowledge-commands.ts";
import { runCommand } from "./run-command.ts";

type Update = Readonly<Record<string, unknown>>;

/** Runs a knowledge command in the running service, or here on the data folder. */
export async function runKnowledgeCommand<Name extends keyof KnowledgeResults>(
  config: Config,
  logger: Logger,
  name: Name,
  args: unknown,
  onProgress: (update: Update) => void,
  signal: AbortSignal,
): Promise<KnowledgeResults[Name]> {
  const call = { dataDir: dataFolder(config), name, args, onProgress, signal };
  const result = await runCommand(call, () =>
    withLibrary(config, logger, onProgress, signal, async (library, first) =>
      // A folder's first start has read everything already.
      name === "reload" && first !== undefined
        ? first
        : knowledgeCommands(library, today)[name](args, onProgress, signal),
    ),
  );
  return result as KnowledgeResults[Name];
}

async function withLibrary<Result>(
  config: Config,
  logger: Logger,
  onProgress: (update: Update) => void,
  signal: AbortSignal,
  use: (library: KnowledgeLibrary, first: ReloadReport | undefined) => Promise<Result>,
): Promise<Result> {
  const database = await openStorage(config, logger);
  try {
    const library = await createLibrary(config, database, logger);
    const first = await library.start({ onProgress: (progress) => onProgress({ ...progress }), signal });
    return await use(library, first);
  } finally {
    await database.close();
  }
}
