import { setTimeout as delay } from "node:timers/promises";
import type { Job as BossJob, PgBoss } from "pg-boss";
import { messageOf } from "../errors.ts";

/** Work that is done by the clock. */
export interface Job {
  /** Its name in the log and in the database: small letters and hyphens. */
  readonly name: string;
  /** Five fields of cron, in the time of Shanghai. */
  readonly cron: string;
  /** Does it; what it resolves to is written to the log. Doing it twice must do no harm. */
  run(signal: AbortSignal): Promise<Readonly<Record<string, unknown>>>;
}

/** The part of a database that the jobs need. `Database` of `storage/` has this shape. */
export interface JobsDatabase {
  readonly kind: "pglite" | "postgres";
  execute(text: string, values?: readonly unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** The part of the service's logger that jobs need. */
export interface JobsLogger {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface JobsOptions {
  readonly database: JobsDatabase;
  readonly jobs: readonly Job[];
  readonly logger: JobsLogger;
  /** Seconds between looks for due jobs: they are not urgent. Default: 30. */
  readonly pollSeconds?: number;
  /** Seconds until a failed job is tried again, then longer; three times in all. Default: 60. */
  readonly retrySeconds?: number;
  /** Milliseconds until a start that failed is tried again. Default: 60 000. */
  readonly restartMs?: number;
}

export interface Jobs {
  /**
   * Resolves when the jobs are scheduled. A start that fails is logged and tried again until `stop`: the service
   * does without its jobs rather than not at all. Start it after the service listens.
   */
  start(): Promise<void>;
  /** Whether the jobs are scheduled. */
  readonly started: boolean;
  /** Does a job as soon as some replica looks for one, beside its times. */
  runNow(name: string): Promise<void>;
  /** Aborts what runs and forgets the timers. What was aborted is done again at the next start. */
  stop(): Promise<void>;
}

/** The tables of pg-boss, apart from the product's own. */
const schema = "jobs";

const timeZone = "Asia/Shanghai";

/** A job that takes longer than this counts as failed; one whose process died is noticed by its heartbeat earlier. */
const longestRunSeconds = 2 * 60 * 60;
const heartbeatSeconds = 60;

/** pg-boss asks the database for things that are not used here; it need not do so every few seconds. */
const seldom = 3_600;

/**
 * Timed work on pg-boss, in a schema of its own. Of several replicas on one database one does each job. A time that
 * passed while nothing ran is made up for once.
 */
export function createJobs(options: JobsOptions): Jobs {
  const { logger, restartMs = 60_000 } = options;
  const stopping = new AbortController();
  let boss: PgBoss | undefined;
  let starting: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;

  async function keepStarting(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        boss = await startBoss(options, stopping.signal);
        logger.info({ jobs: options.jobs.map(({ name }) => name) }, "the jobs are scheduled");
        return;
      } catch (error) {
        logger.error({ err: error }, "the jobs could not be scheduled; tried again soon");
        await delay(restartMs, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  return {
    start: () => {
      starting ??= keepStarting();
      return starting;
    },
    get started() {
      return boss !== undefined && !stopping.signal.aborted;
    },
    runNow: async (name) => {
      await boss?.send(name, {});
    },
    stop: () => {
      stopping.abort();
      stopped ??= (async () => {
        await starting;
        await boss?.stop({ graceful: true, timeout: 5_000 });
      })();
      return stopped;
    },
  };
}

async function startBoss(
  { database, jobs, logger, pollSeconds = 30, retrySeconds = 60 }: JobsOptions,
  stopping: AbortSignal,
): Promise<PgBoss> {
  // Imported here: the service listens sooner.
  const { PgBoss } = await import("pg-boss");
  const boss = new PgBoss({
    db: { executeSql: (text, values) => database.execute(text, values) },
    backend: database.kind,
    schema,
    bamIntervalSeconds: seldom,
    flowIntervalSeconds: seldom,
    cronWorkerIntervalSeconds: Math.max(1, Math.min(pollSeconds, 30)),
    // Rebuilding an index in parallel needs a connection of its own, and these tables stay small.
    reindex: false,
    monitorVacuum: false,
  });
  // Unheard, an error event would end the process.
  boss.on("error", (error) => logger.warn({ err: error }, "the job queue had an error"));
  try {
    await boss.start();
    for (const job of jobs) {
      await boss.createQueue(job.name, { policy: "exclusive" });
      await boss.updateQueue(job.name, {
        retryLimit: 2,
        retryDelay: retrySeconds,
        retryBackoff: true,
        expireInSeconds: longestRunSeconds,
        heartbeatSeconds,
      });
      await boss.work(job.name, { pollingIntervalSeconds: pollSeconds }, ([started]: BossJob[]) =>
        run(job, logger, started, stopping),
      );
      await boss.schedule(job.name, job.cron, {}, { tz: timeZone, missed: "once" });
    }
    await unscheduleOthers(boss, jobs);
    return boss;
  } catch (error) {
    await boss.stop({ graceful: false }).catch(() => {});
    throw error;
  }
}

/** A job of a former release would be sent for ever and never be done. */
async function unscheduleOthers(boss: PgBoss, jobs: readonly Job[]): Promise<void> {
  for (const { name } of await boss.getSchedules()) {
    if (!jobs.some((job) => job.name === name)) {
      await boss.unschedule(name);
    }
  }
}

async function run(
  job: Job,
  logger: JobsLogger,
  started: BossJob | undefined,
  stopping: AbortSignal,
): Promise<void> {
  const since = performance.now();
  const details = () => ({
    job: job.name,
    attempt: (started?.retryCount ?? 0) + 1,
    ms: Math.round(performance.now() - since),
  });
  try {
    const signal = started === undefined ? stopping : AbortSignal.any([stopping, started.signal]);
    signal.throwIfAborted();
    const done = await job.run(signal);
    logger.info({ ...details(), ...done }, "a job is done");
  } catch (error) {
    if (stopping.aborted) {
      logger.info(details(), "a job was interrupted by the stop");
    } else {
      logger.error({ ...details(), err: error }, "a job failed");
    }
    // What is thrown is kept in the database: no more than one line of it.
    throw new Error(messageOf(error));
  }
}
