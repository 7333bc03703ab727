import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { AppError } from "../errors.ts";

/** The PostgreSQL inside the pinned PGlite: no other major version can read its folder. */
export const embeddedPostgresMajor = 18;

const creator = fileURLToPath(new URL("./create-pglite.ts", import.meta.url));
/** Folders in which a new database is made; they get their name when they are whole. */
const unfinished = "database.new-";

/**
 * The files of the embedded database in the data folder: `database/`; `database.version`, what wrote it; and
 * `database.creating`, which stands only while it is first made.
 */
export class PgliteFolder {
  readonly root: string;
  readonly database: string;
  readonly #version: string;
  readonly #creating: string;

  constructor(root: string) {
    this.root = root;
    this.database = join(root, "database");
    this.#version = join(root, "database.version");
    this.#creating = join(root, "database.creating");
  }

  /**
   * To be called before opening. Throws `storage.version_incompatible` where another PostgreSQL wrote the
   * folder. What a start that was killed while it made the database left behind is removed: PGlite cannot open
   * that, and nothing had been stored in it.
   */
  async prepare(): Promise<void> {
    if ((await contentOf(this.#creating)) !== undefined) {
      await rm(this.database, { recursive: true, force: true });
      await rm(this.#version, { force: true });
    }
    const written = await contentOf(join(this.database, "PG_VERSION"));
    const recorded = (await contentOf(this.#version))?.trim();
    const major = written === undefined ? majorIn(recorded) : Number.parseInt(written, 10);
    if (major !== undefined && major !== embeddedPostgresMajor) {
      throw incompatible(this.database, recorded ?? `PostgreSQL ${major}`, major);
    }
    if (written === undefined) {
      await this.#removeUnfinished();
      await writeFile(this.#creating, "The database is being made. Where this stays, it is made again.\n");
    }
  }

  /** Makes the database where there is none: beside its name, in a process of its own, then named at once. */
  async create(): Promise<void> {
    if ((await contentOf(join(this.database, "PG_VERSION"))) !== undefined) return;
    const fresh = join(this.root, `${unfinished}${randomUUID()}`);
    await new Promise<void>((resolve, reject) => {
      execFile(process.execPath, [creator, fresh], (error) => (error === null ? resolve() : reject(error)));
    });
    await rename(fresh, this.database);
  }

  async #removeUnfinished(): Promise<void> {
    const left = (await readdir(this.root)).filter((name) => name.startsWith(unfinished));
    await Promise.all(left.map((name) => rm(join(this.root, name), { recursive: true, force: true })));
  }

  /** To be called once the database answered: `version` is what its `version()` says. */
  async opened(version: string): Promise<void> {
    const line = `${/PostgreSQL \S+ \(PGlite [^)]*\)/.exec(version)?.[0] ?? version}\n`;
    if ((await contentOf(this.#version)) !== line) {
      await writeFile(this.#version, line);
    }
    await rm(this.#creating, { force: true });
  }
}

function majorIn(recorded: string | undefined): number | undefined {
  const major = /^PostgreSQL (\d+)/.exec(recorded ?? "")?.[1];
  return major === undefined ? undefined : Number(major);
}

function incompatible(folder: string, writer: string, major: number): AppError {
  return new AppError(
    "storage.version_incompatible",
    `The database in ${folder} was written by ${writer}; this release has PostgreSQL ${embeddedPostgresMajor} ` +
      "and cannot read it. Dump it with the release that wrote it (pg_dump of @electric-sql/pglite-tools), move " +
      "the folder and database.version away, start this release once and restore the dump.",
    { details: { written: major, readable: embeddedPostgresMajor } },
  );
}

async function contentOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") {
      return undefined;
    }
    throw error;
  }
}
