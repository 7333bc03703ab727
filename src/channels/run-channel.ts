import { AppError } from "../errors.ts";
import type { RoadLogger } from "../messaging/road-observer.ts";
import type { Channel } from "./channel.ts";
import { aborted, pause, within } from "./waiting.ts";

/** Milliseconds before a channel is started again after the first failed start; doubled up to a minute. */
const firstRetry = 1_000;
const longestRetry = 60_000;

export interface RunOptions {
  readonly logger: RoadLogger;
  /** Milliseconds that a channel gets to stop before `onLate` is told; asked when it is to stop. */
  readonly stopMs: () => number;
  /** The start failed with this reason; undefined: it succeeded. */
  readonly onStart: (failure: string | undefined) => void;
  /** The channel has not stopped in time. The run goes on waiting for it: it must not be started twice. */
  readonly onLate: () => void;
}

/**
 * Runs a channel until the signal aborts: starts it, tries again with growing pauses where the start throws, stops
 * it. Resolves when it has stopped.
 */
export async function runChannel(channel: Channel, signal: AbortSignal, options: RunOptions): Promise<void> {
  for (let attempt = 0; !signal.aborted; attempt += 1) {
    const starting = startOf(channel);
    const failure = await Promise.race([starting, aborted(signal)]);
    if (!signal.aborted) {
      options.onStart(failure?.reason);
      if (failure === undefined) await aborted(signal);
      else
        options.logger.error({ err: failure.err, channel: channel.name }, "a channel could not be started");
    }
    await stopChannel(channel, starting, options);
    await pause(Math.min(firstRetry * 2 ** Math.min(attempt, 10), longestRetry), signal);
  }
}

interface Failure {
  readonly err: unknown;
  readonly reason: string;
}

async function startOf(channel: Channel): Promise<Failure | undefined> {
  try {
    await channel.start();
    return undefined;
  } catch (err) {
    // A foreign error's message may carry a token: only its name is shown.
    return { err, reason: err instanceof AppError ? err.message : `could not be started (${nameOf(err)})` };
  }
}

/** A start under way ends too before the channel counts as stopped. */
async function stopChannel(
  channel: Channel,
  starting: Promise<unknown>,
  { logger, stopMs, onLate }: RunOptions,
): Promise<void> {
  const stopping = Promise.all([starting, stopOf(channel, logger)]);
  if ((await within(stopMs(), stopping)) !== "late") return;
  logger.error({ channel: channel.name }, "a channel does not stop; it is not started again before it has");
  onLate();
  await stopping;
}

async function stopOf(channel: Channel, logger: RoadLogger): Promise<void> {
  try {
    await channel.stop();
  } catch (err) {
    logger.error({ err, channel: channel.name }, "a channel could not be stopped in order");
  }
}

function nameOf(err: unknown): string {
  return err instanceof Error ? err.name : typeof err;
}
