import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../../src/storage/database.ts";
import { type ServiceProcess, startServiceProcess } from "../../support/service-process.ts";

type Row = Readonly<Record<string, unknown>>;

/** Everything that a service left on disk. */
export interface Remains {
  /** Rows of one table of the product. */
  rows(table: string): readonly Row[];
  /** Every value of every table, those of the job queue too. */
  readonly everything: string;
  /** Kept files of contacts. */
  readonly files: readonly Buffer[];
}

/** One data folder and the process that works on it, which may be killed, started again and looked into. */
export class ServiceSite {
  readonly dataDir: string;
  readonly #settings: Readonly<Record<string, string>>;
  #service: ServiceProcess | undefined;
  #written = "";

  private constructor(dataDir: string, settings: Readonly<Record<string, string>>) {
    this.dataDir = dataDir;
    this.#settings = settings;
  }

  /** Starts the service on a new data folder, or on a copy of one that has its index already: that is faster. */
  static async open(settings: Readonly<Record<string, string>>, like?: ServiceSite): Promise<ServiceSite> {
    const dataDir = await mkdtemp(join(tmpdir(), "niangjia-service-"));
    const site = new ServiceSite(dataDir, settings);
    try {
      if (like !== undefined) {
        const filter = (path: string) => !path.endsWith(".sock");
        await cp(like.dataDir, dataDir, { recursive: true, filter });
      }
      await site.start();
    } catch (error) {
      await site.close();
      throw error;
    }
    return site;
  }

  get url(): string {
    return this.#running.url;
  }

  get pid(): number {
    return this.#running.pid;
  }

  /** What all its processes wrote. */
  get output(): string {
    return this.#written + (this.#service?.output() ?? "");
  }

  /** Lines of what it wrote that hold this, for what must not stand there: a failing test then shows these alone. */
  linesWith(what: string | RegExp): string[] {
    const holds = (line: string) => (typeof what === "string" ? line.includes(what) : what.test(line));
    return this.output.split("\n").filter(holds);
  }

  /** Lines of the log with this message. */
  logged(message: string): Row[] {
    return this.output
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line) as Row)
      .filter(({ msg }) => msg === message);
  }

  async start(settings: Readonly<Record<string, string>> = {}): Promise<void> {
    this.#service = await startServiceProcess({
      LOG_LEVEL: "debug",
      // wechaty writes below it.
      HOME: this.dataDir,
      ...this.#settings,
      ...settings,
      DATA_DIR: this.dataDir,
    });
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    const service = this.#service;
    this.#service = undefined;
    await service?.kill(signal);
    this.#written += service?.output() ?? "";
  }

  /** Stops the service in order and reads what it left, all replicas together where there are several. */
  async remains(): Promise<Remains> {
    await this.kill("SIGTERM");
    const { DATABASE_URL: databaseUrl } = this.#settings;
    const database = await openDatabase({
      dataDir: this.dataDir,
      ...(databaseUrl === undefined ? {} : { databaseUrl }),
    });
    try {
      const tables = await readTables(database);
      return {
        rows: (table) => tables.get(`public.${table}`) ?? [],
        everything: [...tables.values()].flat().map(valuesOf).join("\n"),
        files: await readFiles(join(this.dataDir, "files")),
      };
    } finally {
      await database.close();
    }
  }

  async close(): Promise<void> {
    await this.kill();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  get #running(): ServiceProcess {
    if (this.#service === undefined) throw new Error("The service does not run.");
    return this.#service;
  }
}

async function readTables(database: Database): Promise<Map<string, Row[]>> {
  const { rows: names } = await database.execute(`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`);
  const tables = new Map<string, Row[]>();
  for (const { schema, name } of names) {
    tables.set(`${schema}.${name}`, (await database.execute(`select * from "${schema}"."${name}"`)).rows);
  }
  return tables;
}

function valuesOf(row: Row): string {
  return JSON.stringify(row, (_name, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
}

async function readFiles(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name))));
}
