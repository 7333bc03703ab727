import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PgliteConnection } from "../../../src/storage/pglite-connection.ts";

let pglite: PGlite;
let connection: PgliteConnection;
const rowsOf = async (text: string, values: readonly unknown[] = []) =>
  (await connection.query(text, values)).rows;

beforeAll(async () => {
  pglite = await PGlite.create();
  connection = new PgliteConnection(pglite);
  await connection.script("create table notes (id integer primary key, said text, at jsonb, tags text[])");
});
afterAll(() => pglite.close());

describe("the connection of an embedded database", () => {
  it("gives back what was stored, of every kind, as often as it is asked", async () => {
    const insert = "insert into notes values ($1, $2, $3, $4) returning *";
    for (const id of [1, 2, 3]) {
      const said = id === 2 ? null : "第一句'\"\\ 😀";
      const note = { id, said, at: { 岁: [1, null] }, tags: ["a,b", '"'] };
      const [stored] = await rowsOf(insert, [id, said, JSON.stringify(note.at), note.tags]);
      expect(stored).toEqual(note);
    }
    const { affectedRows } = await connection.query("update notes set said = $1 where id > $2", ["改", 1]);
    expect(affectedRows).toBe(2);
    expect(await rowsOf("select id from notes where id > $1 and said = $2", [9, "改"])).toEqual([]);
  });

  it("goes on after a statement that fails", async () => {
    const insert = "insert into notes (id) values ($1)";
    await rowsOf(insert, [10]);
    await expect(rowsOf(insert, [10])).rejects.toMatchObject({ code: "23505" });
    await rowsOf(insert, [11]);
    await expect(rowsOf("select nothing from notes")).rejects.toMatchObject({ code: "42703" });
    await expect(rowsOf("no statement")).rejects.toMatchObject({ code: "42601" });
    expect(await rowsOf("select id from notes where id >= $1 order by id", [10])).toEqual([
      { id: 10 },
      { id: 11 },
    ]);
  });

  it("rolls a transaction back where one of its statements fails or its work does", async () => {
    const add = "insert into notes (id) values ($1)";
    await expect(
      connection.transaction(async ({ query }) => {
        await query(add, [20]);
        await query(add, [20]);
      }),
    ).rejects.toMatchObject({ code: "23505" });
    await expect(
      connection.transaction(async ({ query }) => {
        await query(add, [21]);
        throw new Error("no");
      }),
    ).rejects.toThrow("no");
    expect(await rowsOf("select id from notes where id between $1 and $2", [20, 29])).toEqual([]);
  });

  it("lets no other statement into a transaction", async () => {
    const seen: string[] = [];
    const transaction = connection.transaction(async ({ query }) => {
      await query("insert into notes (id, said) values ($1, $2)", [30, "in"]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      await query("update notes set said = $2 where id = $1", [30, "out"]);
      seen.push("transaction");
    });
    const other = rowsOf("select said from notes where id = $1", [30]).then((rows) => {
      seen.push("other");
      return rows;
    });
    expect(await other).toEqual([{ said: "out" }]);
    await transaction;
    expect(seen).toEqual(["transaction", "other"]);
  });

  it("reads a table anew that was changed since", async () => {
    const all = "select * from notes where id = $1";
    expect(Object.keys((await rowsOf(all, [1]))[0] ?? {})).not.toContain("more");
    await connection.script("alter table notes add column more integer default 7");
    // The first use finds out; whoever comes next is served.
    await rowsOf(all, [1]).catch(() => []);
    expect((await rowsOf(all, [1]))[0]).toMatchObject({ id: 1, more: 7 });
  });

  it("keeps a bounded number of statements", async () => {
    for (let at = 0; at < 600; at += 1) await rowsOf(`select ${at} as at, $1::integer as given`, [at]);
    const kept = await rowsOf("select count(*)::integer as kept from pg_prepared_statements");
    expect(kept[0]?.kept).toBeLessThanOrEqual(256);
    expect(await rowsOf("select 0 as at, $1::integer as given", [5])).toEqual([{ at: 0, given: 5 }]);
  });

  it("plans anew for a table that has grown", async () => {
    await connection.script(
      "create table places (id integer primary key, name text); create index on places (name)",
    );
    const find = "select id from places where name = $1";
    for (let at = 0; at < 600; at += 1) await rowsOf(find, ["重庆"]);
    await connection.script(
      "insert into places select at, 'n' || at from generate_series(1, 20000) as at; analyze places",
    );
    expect(await rowsOf(find, ["n777"])).toEqual([{ id: 777 }]);
    const before = await rowsOf("select name from pg_prepared_statements where statement = $1", [find]);
    for (let at = 0; at < 600; at += 1) await rowsOf(find, [`n${at + 1}`]);
    const after = await rowsOf("select name from pg_prepared_statements where statement = $1", [find]);
    expect(after).not.toEqual(before);
  });
});
