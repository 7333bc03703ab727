import { type Kysely, type RawBuilder, sql } from "kysely";
import type { LaneClaim, LaneKind, LaneStore } from "../messaging/lane-store.ts";
import type { Tables } from "./tables.ts";

interface ClaimRow {
  key: string;
  token: string | number;
  attempts: number;
}

/**
 * Lanes in SQL. Times are the database's own, so that the clocks of several machines need not agree. A lane is free
 * where it has no lease or the lease ran out; what a dead process held is due again by itself, because a claim leaves
 * `due_at` as it was. A claim empties `armed_at`, so that its release sees whether work came since.
 */
export class SqlLaneStore implements LaneStore {
  readonly #db: Kysely<Tables>;

  constructor({ db }: { db: Kysely<Tables> }) {
    this.#db = db;
  }

  async claim(kind: LaneKind, owner: string, limit: number, leaseMs: number): Promise<LaneClaim[]> {
    const { rows } = await sql<ClaimRow>`
      with free as materialized (
        select key from lanes
        where kind = ${kind} and due_at <= now() and (leased_until is null or leased_until <= now())
        order by due_at limit ${limit} for update skip locked
      )
      update lanes set leased_by = ${owner}, leased_until = ${inMs(leaseMs)}, token = lanes.token + 1,
        attempts = lanes.attempts + 1, armed_at = null
      from free where lanes.kind = ${kind} and lanes.key = free.key
      returning lanes.key, lanes.token, lanes.attempts`.execute(this.#db);
    return rows.map((row) => toClaim(kind, owner, row));
  }

  async acquire(kind: LaneKind, key: string, owner: string, leaseMs: number): Promise<LaneClaim | undefined> {
    const { rows } = await sql<ClaimRow>`
      insert into lanes (kind, key, leased_by, leased_until, token, attempts)
      values (${kind}, ${key}, ${owner}, ${inMs(leaseMs)}, 1, 1)
      on conflict (kind, key) do update set leased_by = excluded.leased_by, leased_until = excluded.leased_until,
        token = lanes.token + 1, attempts = lanes.attempts + 1, armed_at = null
      where lanes.leased_until is null or lanes.leased_until <= now() or lanes.leased_by = excluded.leased_by
      returning key, token, attempts`.execute(this.#db);
    return rows.map((row) => toClaim(kind, owner, row))[0];
  }

  async renew(claims: readonly LaneClaim[], leaseMs: number): Promise<LaneClaim[]> {
    if (claims.length === 0) return [];
    const held = claims.map(({ kind, key, owner, token }) => ({ kind, key, owner, token }));
    // In their order, as whoever locks several lanes does: else two could wait for each other.
    const { rows } = await sql<{ kind: string; key: string }>`
      with held as materialized (
        select lanes.kind, lanes.key from lanes
        join jsonb_to_recordset(${JSON.stringify(held)}::jsonb) as mine(kind text, key text, owner text, token bigint)
          on lanes.kind = mine.kind and lanes.key = mine.key and lanes.leased_by = mine.owner
            and lanes.token = mine.token
        order by lanes.kind, lanes.key for update of lanes
      )
      update lanes set leased_until = ${inMs(leaseMs)} from held
      where lanes.kind = held.kind and lanes.key = held.key
      returning lanes.kind, lanes.key`.execute(this.#db);
    const kept = new Set(rows.map(({ kind, key }) => `${kind} ${key}`));
    return claims.filter(({ kind, key }) => kept.has(`${kind} ${key}`));
  }

  async release(
    claim: LaneClaim,
    { again, untried = false }: { readonly again?: number; readonly untried?: boolean } = {},
  ): Promise<boolean> {
    const change =
      again === undefined
        ? endedWell
        : sql`due_at = ${inMs(again)}, armed_at = coalesce(armed_at, now()),
            attempts = attempts - ${untried ? 1 : 0}::integer`;
    const { rows } = await sql`
      update lanes set leased_by = null, leased_until = null, ${change} where ${holds(claim)}
      returning key`.execute(this.#db);
    return rows.length > 0;
  }

  async arm(kind: LaneKind, key: string, delayMs: number): Promise<void> {
    await armLane(this.#db, kind, key, delayMs);
  }

  async nextDueIn(kind: LaneKind): Promise<number | undefined> {
    const { rows } = await sql<{ ms: number | string | null }>`
      select extract(epoch from min(greatest(due_at, leased_until)) - now()) * 1000 as ms from lanes
      where kind = ${kind} and due_at is not null and (leased_until is null or leased_until <= now())`.execute(
      this.#db,
    );
    const ms = rows[0]?.ms ?? null;
    return ms === null ? undefined : Math.max(0, Number(ms));
  }

  async countDue(kind: LaneKind): Promise<number> {
    const { rows } = await sql<{ count: number | string }>`
      select count(*) as count from lanes where kind = ${kind} and due_at <= now()`.execute(this.#db);
    return Number(rows[0]?.count ?? 0);
  }

  async held(kind: LaneKind): Promise<string[]> {
    const { rows } = await sql<{ key: string }>`
      select key from lanes where kind = ${kind} and leased_until > now() order by key`.execute(this.#db);
    return rows.map(({ key }) => key);
  }

  async releaseAll(): Promise<void> {
    await sql`update lanes set leased_by = null, leased_until = null where leased_until is not null`.execute(
      this.#db,
    );
  }
}

const inMs = (ms: number): RawBuilder<Date> => sql`now() + ${ms}::float8 * interval '1 millisecond'`;

/** The columns of a lane whose work ended well: due only where it was armed since the claim. */
export const endedWell = sql`attempts = 0, due_at = case when armed_at is null then null else due_at end`;

/** Whether this claim still holds its lane. */
export const holds = ({ kind, key, owner, token }: LaneClaim): RawBuilder<boolean> =>
  sql`kind = ${kind} and key = ${key} and leased_by = ${owner} and token = ${token}`;

/** Makes a lane due in `delayMs`, or leaves it due earlier; makes it where there is none. */
export async function armLane(
  db: Kysely<Tables>,
  kind: LaneKind,
  key: string,
  delayMs: number,
): Promise<void> {
  await sql`
    insert into lanes (kind, key, due_at, armed_at) values (${kind}, ${key}, ${inMs(delayMs)}, now())
    on conflict (kind, key) do update set armed_at = coalesce(lanes.armed_at, now()),
      due_at = case when lanes.armed_at is null then excluded.due_at
        else least(lanes.due_at, excluded.due_at) end`.execute(db);
}

/** Removes lanes whose keys do not come back, such as those of processes that ended. */
export async function deleteEndedLanes(db: Kysely<Tables>, kind: LaneKind): Promise<void> {
  await sql`
    delete from lanes where kind = ${kind}
      and (leased_until is null or leased_until < now() - interval '1 hour')`.execute(db);
}

function toClaim(kind: LaneKind, owner: string, { key, token, attempts }: ClaimRow): LaneClaim {
  return { kind, key, owner, token: Number(token), attempts };
}
