import { sql } from "kysely";
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  createJobs,
  type Job,
  type Jobs,
  type JobsDatabase,
  type JobsLogger,
} from "../../../src/jobs/create-jobs.ts";
import type { Database } from "../../../src/storage/database.ts";
import {
  describePostgres,
  openTemporaryPglite,
  openTemporaryPostgres,
  type TemporaryDatabase,
} from "../../support/databases.ts";

interface LogLine {
  readonly level: "info" | "warn" | "error";
  readonly details: Readonly<Record<string, unknown>>;
  readonly message: string;
}

function recordingLogger(): JobsLogger & { readonly lines: LogLine[]; about(message: string): LogLine[] } {
  const lines: LogLine[] = [];
  const record = (level: LogLine["level"]) => (details: LogLine["details"], message: string) => {
    lines.push({ level, details, message });
  };
  return {
    lines,
    about: (message) => lines.filter((line) => line.message === message),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
  };
}

const soon = { timeout: 20_000, interval: 20 };

function defineFor(openTemporary: () => Promise<TemporaryDatabase>): void {
  let temporary: Promise<TemporaryDatabase> | undefined;
  let database: Database;
  let logger: ReturnType<typeof recordingLogger>;
  const running: Jobs[] = [];

  beforeEach(async () => {
    temporary ??= openTemporary();
    database = (await temporary).database;
    await sql`drop schema if exists jobs cascade`.execute(database.db);
    logger = recordingLogger();
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((jobs) => jobs.stop()));
  });

  afterAll(async () => {
    await (await temporary)?.remove();
  });

  async function start(jobs: readonly Job[], on: JobsDatabase = database): Promise<Jobs> {
    const created = createJobs({
      database: on,
      jobs,
      logger,
      pollSeconds: 0.5,
      retrySeconds: 1,
      restartMs: 10,
    });
    running.push(created);
    await created.start();
    return created;
  }

  /** A job whose runs are counted. */
  function counted(name: string, work: (run: number, signal: AbortSignal) => Promise<void> = async () => {}) {
    let runs = 0;
    const job: Job = {
      name,
      cron: "30 3 * * *",
      run: async (signal) => {
        runs += 1;
        await work(runs, signal);
        return { removed: runs };
      },
    };
    return { job, runs: () => runs };
  }

  const statesOf = async (name: string) => {
    const { rows } = await sql<{ state: string }>`
      select state::text as state from jobs.job where name = ${name} order by created_on`.execute(
      database.db,
    );
    return rows.map(({ state }) => state);
  };

  /** As if the jobs had last been looked at three days ago. */
  async function passNights(): Promise<void> {
    await sql`update jobs.version set cron_on = now() - interval '3 days'`.execute(database.db);
    await sql`update jobs.schedule set created_on = now() - interval '9 days'`.execute(database.db);
  }

  it("schedules its jobs at their hours of Shanghai, and none that a former release had", async () => {
    const old = await start([counted("outdated").job, counted("retention").job]);
    await old.stop();
    await start([counted("retention").job]);
    const { rows } = await sql`select name, cron, timezone from jobs.schedule`.execute(database.db);
    expect(rows).toEqual([{ name: "retention", cron: "30 3 * * *", timezone: "Asia/Shanghai" }]);
  });

  it("does a job and logs what it did", async () => {
    const retention = counted("retention");
    const jobs = await start([retention.job]);
    await jobs.runNow("retention");
    await vi.waitFor(() => expect(logger.about("a job is done")).toHaveLength(1), soon);
    expect(logger.about("a job is done")[0]).toMatchObject({
      level: "info",
      details: { job: "retention", attempt: 1, removed: 1 },
    });
  });

  it("logs a job that fails and tries it again", async () => {
    const flaky = counted("flaky", async (run) => {
      if (run < 2) throw new Error("the bucket does not answer");
    });
    const jobs = await start([flaky.job]);
    await jobs.runNow("flaky");
    await vi.waitFor(() => expect(logger.about("a job is done")).toHaveLength(1), soon);
    expect(logger.about("a job failed")).toMatchObject([
      { level: "error", details: { job: "flaky", attempt: 1 } },
    ]);
    expect(logger.about("a job is done")).toMatchObject([{ details: { job: "flaky", attempt: 2 } }]);
  });

  it("a second wish for a job that waits or runs changes nothing", async () => {
    let finish = () => {};
    const slow = counted("slow", () => new Promise((resolve) => (finish = resolve)));
    const jobs = await start([slow.job]);
    await jobs.runNow("slow");
    await vi.waitFor(() => expect(slow.runs()).toBe(1), soon);
    await jobs.runNow("slow");
    expect(await statesOf("slow")).toEqual(["active"]);
    finish();
    await vi.waitFor(() => expect(logger.about("a job is done")).toHaveLength(1), soon);
    expect(slow.runs()).toBe(1);
  });

  it("makes up once for the times that passed while nothing ran", async () => {
    const retention = counted("retention");
    await (await start([retention.job])).stop();
    await passNights();
    await start([retention.job]);
    await vi.waitFor(async () => expect(await statesOf("retention")).toEqual(["completed"]), soon);
    expect(logger.about("a job is done")).toHaveLength(1);
  });

  it("a stop aborts what runs, and the next start does it again", async () => {
    const long = counted("long", async (run, signal) => {
      if (run > 1) return;
      await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    });
    const first = await start([long.job]);
    await first.runNow("long");
    await vi.waitFor(() => expect(long.runs()).toBe(1), soon);
    await first.stop();
    expect(first.started).toBe(false);
    expect(logger.about("a job failed")).toEqual([]);
    await start([long.job]);
    await vi.waitFor(() => expect(logger.about("a job is done")).toHaveLength(1), soon);
    expect(long.runs()).toBe(2);
  });

  it("a start that fails is logged and tried again, and stops when asked to", async () => {
    let failures = 3;
    const shaky: JobsDatabase = {
      kind: database.kind,
      execute: async (text, values) => {
        if (failures > 0 && text.includes("CREATE")) {
          failures -= 1;
          throw new Error("permission denied");
        }
        return database.execute(text, values);
      },
    };
    const jobs = await start([counted("retention").job], shaky);
    expect(jobs.started).toBe(true);
    expect(logger.about("the jobs could not be scheduled; tried again soon")).toHaveLength(3);

    const broken: JobsDatabase = { kind: database.kind, execute: () => Promise.reject(new Error("away")) };
    const never = createJobs({ database: broken, jobs: [], logger, restartMs: 60_000 });
    const starting = never.start();
    await never.stop();
    await starting;
    expect(never.started).toBe(false);
  });

  it("a database that goes away under it is logged and ends nothing", async () => {
    let away = false;
    const shaky: JobsDatabase = {
      kind: database.kind,
      execute: (text, values) =>
        away ? Promise.reject(new Error("the database is away")) : database.execute(text, values),
    };
    const retention = counted("retention");
    const jobs = await start([retention.job], shaky);
    away = true;
    await vi.waitFor(() => expect(logger.about("the job queue had an error")).not.toEqual([]), soon);
    away = false;
    await jobs.runNow("retention");
    await vi.waitFor(() => expect(logger.about("a job is done")).toHaveLength(1), soon);
  });

  describe("statements of a library", () => {
    it("may come several at a time, and their rows come together", async () => {
      expect(await database.execute("select 1 as a; select 2 as a")).toEqual({ rows: [{ a: 1 }, { a: 2 }] });
      expect((await database.execute("select $1::text as a", ["x"])).rows).toEqual([{ a: "x" }]);
    });

    it("leave no transaction open when one of them fails", async () => {
      await database.execute("create table kept (id integer)");
      await expect(
        database.execute("BEGIN; insert into kept values (1); select nonsense from nowhere; COMMIT;"),
      ).rejects.toThrow("nowhere");
      // On the connections that there are, nothing is in the middle of something.
      const found = await Promise.all(
        Array.from({ length: 12 }, () => database.execute("select count(*)::integer as count from kept")),
      );
      expect(new Set(found.map(({ rows }) => rows[0]?.count))).toEqual(new Set([0]));
      await database.execute("BEGIN; insert into kept values (2); COMMIT;");
      expect((await database.execute("select id from kept")).rows).toEqual([{ id: 2 }]);
      await database.execute("drop table kept");
    });
  });

  if (openTemporary === openTemporaryPostgres) {
    it("of several replicas one does each job", async () => {
      const replicas = await Promise.all([1, 2, 3].map(() => counted("retention")));
      const all = await Promise.all(replicas.map(({ job }) => start([job])));
      for (let round = 1; round <= 4; round += 1) {
        await Promise.all(all.map((jobs) => jobs.runNow("retention")));
        await vi.waitFor(
          async () => expect(await statesOf("retention")).toEqual(Array(round).fill("completed")),
          soon,
        );
        expect(logger.about("a job is done")).toHaveLength(round);
      }
      expect(replicas.reduce((sum, { runs }) => sum + runs(), 0)).toBe(4);
    });

    it("of several replicas that start after a night one makes up for it", async () => {
      await (await start([counted("retention").job])).stop();
      await passNights();
      const replicas = [counted("retention"), counted("retention")];
      await Promise.all(replicas.map(({ job }) => start([job])));
      await vi.waitFor(async () => expect(await statesOf("retention")).toEqual(["completed"]), soon);
      expect(logger.about("a job is done")).toHaveLength(1);
    });
  }
}

describe("on PGlite", () => defineFor(openTemporaryPglite));
describePostgres("on PostgreSQL", () => defineFor(openTemporaryPostgres));
