import { type Kysely, type RawBuilder, sql } from "kysely";
import type { Tables } from "../tables.ts";

export interface TransferColumn {
  readonly name: string;
  /** The type as SQL writes it. */
  readonly type: string;
  /** Whether the database numbers the rows by it. */
  readonly identity: boolean;
}

/** A table as the database itself describes it, so that none is forgotten when the schema grows. */
export interface TransferTable {
  readonly name: string;
  readonly columns: readonly TransferColumn[];
  /** Rows are moved in this order: by number where there is one, so that replies come after what they answer. */
  readonly order: readonly string[];
}

export interface TransferSchema {
  /** Names of the migrations that made it, in their order. */
  readonly migrations: readonly string[];
  /** Every table after those that its rows refer to. */
  readonly tables: readonly TransferTable[];
}

interface ColumnRow extends TransferColumn {
  readonly table: string;
  readonly key: number | null;
}

/** Reads the schema of the product: not the tables of the migrator or of the job queue. */
export async function readSchema(db: Kysely<Tables>): Promise<TransferSchema> {
  const { rows: columns } = await sql<ColumnRow>`
    select pg_class.relname as table, attname as name, format_type(atttypid, atttypmod) as type,
      attidentity <> '' as identity, array_position(pg_index.indkey::smallint[], attnum) as key
    from pg_class join pg_attribute on attrelid = pg_class.oid
      left join pg_index on indrelid = pg_class.oid and indisprimary
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and attnum > 0 and not attisdropped
      and attgenerated = '' and relname not like 'kysely\\_%'
    order by relname collate "C", attnum`.execute(db);
  const { rows: references } = await sql<{ table: string; refers_to: string }>`
    select own.relname as table, other.relname as refers_to
    from pg_constraint join pg_class as own on own.oid = conrelid join pg_class as other on other.oid = confrelid
    where contype = 'f' and connamespace = current_schema()::regnamespace and conrelid <> confrelid`.execute(
    db,
  );
  const { rows: migrations } = await sql<{ name: string }>`
    select name from kysely_migration order by name collate "C"`.execute(db);
  return {
    migrations: migrations.map(({ name }) => name),
    tables: inOrderOfReference([...new Set(columns.map(({ table }) => table))], references).map((name) =>
      toTable(
        name,
        columns.filter(({ table }) => table === name),
      ),
    ),
  };
}

function toTable(name: string, rows: readonly ColumnRow[]): TransferTable {
  const numbered = rows.filter(({ identity }) => identity);
  const keyed = rows
    .filter(({ key }) => key !== null)
    .sort((one, other) => Number(one.key) - Number(other.key));
  return {
    name,
    columns: rows.map(({ name: column, type, identity }) => ({ name: column, type, identity })),
    order: (numbered.length > 0 ? numbered : keyed).map(({ name: column }) => column),
  };
}

function inOrderOfReference(
  names: readonly string[],
  references: readonly { table: string; refers_to: string }[],
): string[] {
  const ordered: string[] = [];
  while (ordered.length < names.length) {
    const next = names.find(
      (name) =>
        !ordered.includes(name) &&
        references.every(({ table, refers_to }) => table !== name || ordered.includes(refers_to)),
    );
    if (next === undefined)
      throw new Error("The tables refer to each other in a circle: they cannot be moved.");
    ordered.push(next);
  }
  return ordered;
}

/** Values are written the same way on every server, whatever its own settings are. */
export async function setUniformFormats(tx: Kysely<Tables>): Promise<void> {
  await sql`select set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO', true),
    set_config('extra_float_digits', '1', true)`.execute(tx);
}

/** A lease belongs to a process of one installation. */
const staysBehind = new Set(["lanes.leased_by", "lanes.leased_until"]);

/** One row as a JSON array of texts and nulls: the database's own writing loses nothing of any value. */
export function rowAsJson(table: TransferTable): RawBuilder<string> {
  const values = table.columns.map(({ name, type }) => {
    if (staysBehind.has(`${table.name}.${name}`)) return sql`null`;
    return type === "bytea"
      ? sql`translate(encode(${sql.ref(name)}, 'base64'), chr(10), '')`
      : sql`${sql.ref(name)}::text`;
  });
  return sql<string>`json_build_array(${sql.join(values)})::text`;
}

/** Which rows are moved: not those of running processes, which say who polls a channel and which replicas live. */
export function movedRows({ name }: TransferTable): RawBuilder<boolean> {
  return name === "lanes" ? sql<boolean>`kind not in ('channel', 'replica')` : sql<boolean>`true`;
}

/** The columns of rows that `rowAsJson` wrote, from a JSON array with the alias `item`. */
export function columnsOfJson({ columns }: TransferTable): RawBuilder<unknown> {
  const values = columns.map(({ type }, index) => {
    const text = sql`(item ->> ${sql.lit(index)})`;
    return type === "bytea" ? sql`decode(${text}, 'base64')` : sql`${text}::${sql.raw(type)}`;
  });
  return sql.join(values);
}

/** The order of a table's rows, the same on every server. */
export function rowOrder({ columns, order }: TransferTable): RawBuilder<unknown> {
  const typeOf = new Map(columns.map(({ name, type }) => [name, type]));
  const terms = order.map((name) =>
    typeOf.get(name) === "text" ? sql`${sql.ref(name)} collate "C"` : sql.ref(name),
  );
  return sql.join(terms);
}
