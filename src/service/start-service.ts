import type { Config } from "../config.ts";
import type { Logger } from "../telemetry/logger.ts";
import { openService, type ServiceParts } from "./open-service.ts";

export interface RunningService {
  readonly url: string;
  /** Takes no more requests, lets the turns at hand end, then closes everything in the order of its use. */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Starts everything: owns the data folder, opens database and knowledge, puts the channels on the road, goes on with
 * what a former process left unanswered and unsent, then listens. Where a step fails, what was opened before is
 * closed again.
 */
export async function startService(
  config: Config,
  logger: Logger,
  parts: ServiceParts = {},
): Promise<RunningService> {
  const closers: ((deadlineMs: number) => Promise<void>)[] = [];
  const close = async (deadlineMs: number) => {
    for (const closer of closers.splice(0).reverse()) await closer(deadlineMs);
  };
  try {
    const url = await openService(config, logger, parts, (closer) => closers.push(closer));
    return { url, stop: close };
  } catch (error) {
    await close(0);
    throw error;
  }
}
