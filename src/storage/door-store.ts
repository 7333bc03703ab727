import type { Kysely, Selectable } from "kysely";
import type { Door, DoorStore, NewDoor, UsedDoor } from "../doors/door.ts";
import { withoutNulls } from "./sql-values.ts";
import type { Tables } from "./tables.ts";

/** Doors in SQL. */
export class SqlDoorStore implements DoorStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => Date;

  constructor({ db, now }: { db: Kysely<Tables>; now: () => Date }) {
    this.#db = db;
    this.#now = now;
  }

  async add({ code, district, station, label }: NewDoor): Promise<Door | undefined> {
    const row = await this.#db
      .insertInto("doors")
      .values({
        code,
        district: district ?? null,
        station: station ?? null,
        label: label ?? null,
        created_at: this.#now().toISOString(),
      })
      .onConflict((conflict) => conflict.column("code").doNothing())
      .returningAll()
      .executeTakeFirst();
    return row === undefined ? undefined : toDoor(row);
  }

  async find(code: string): Promise<Door | undefined> {
    const row = await this.#db.selectFrom("doors").selectAll().where("code", "=", code).executeTakeFirst();
    return row === undefined ? undefined : toDoor(row);
  }

  async list(limit: number): Promise<UsedDoor[]> {
    const rows = await this.#db
      .selectFrom("doors")
      .leftJoin(
        (select) =>
          select
            .selectFrom("conversations")
            .select(({ fn }) => ["origin", fn.countAll<string | number>().as("conversations")])
            .where("origin", "is not", null)
            .groupBy("origin")
            .as("used"),
        (join) => join.onRef("used.origin", "=", "doors.code"),
      )
      .selectAll("doors")
      .select("used.conversations")
      .orderBy("doors.created_at", "desc")
      .orderBy("doors.code")
      .limit(limit)
      .execute();
    return rows.map((row) => ({ ...toDoor(row), conversations: Number(row.conversations ?? 0) }));
  }
}

function toDoor({ code, district, station, label, created_at }: Selectable<Tables["doors"]>): Door {
  return { code, ...withoutNulls({ district, station, label }), createdAt: created_at.toISOString() };
}
