import { type Kysely, sql } from "kysely";
import type {
  ConversationCursor,
  ConversationList,
  ConversationQuery,
  ConversationSummary,
} from "../integrations/conversation-list.ts";
import type { Surface } from "../messaging/conversation.ts";
import type { Tables } from "./tables.ts";

interface SummaryRow {
  id: string;
  channel: string;
  surface: Surface;
  origin: string | null;
  unreachable: string | null;
  created_at: Date;
  created_text: string;
  last_seq: string | number | null;
  last_at: Date | null;
  hand_over: boolean;
}

/** Conversations as other systems see them, in SQL. Addresses are not looked at. */
export class SqlConversationList implements ConversationList {
  readonly #db: Kysely<Tables>;

  constructor({ db }: { db: Kysely<Tables> }) {
    this.#db = db;
  }

  async page({ channel, origin, updatedSince, after, limit }: ConversationQuery): Promise<{
    conversations: ConversationSummary[];
    next?: ConversationCursor;
  }> {
    const since = updatedSince?.toISOString();
    const filter = sql.join(
      [
        sql`true`,
        ...(channel === undefined ? [] : [sql`channel = ${channel}`]),
        ...(origin === undefined ? [] : [sql`origin = ${origin}`]),
        ...(after === undefined
          ? []
          : [sql`(created_at, id) > (${after.createdAt}::timestamptz, ${after.id}::text)`]),
        ...(since === undefined
          ? []
          : [
              sql`(created_at >= ${since}::timestamptz or exists (
                select from messages where conversation_id = conversations.id and messages.created_at >= ${since}::timestamptz
              ))`,
            ]),
      ],
      sql` and `,
    );
    // One more than asked for: it says whether there is a next page.
    const rows = await this.#select(sql`${filter} order by created_at, id limit ${limit + 1}`);
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      conversations: shown.map(toSummary),
      ...(rows.length > limit && last !== undefined
        ? { next: { createdAt: last.created_text, id: last.id } }
        : {}),
    };
  }

  async find(id: string): Promise<ConversationSummary | undefined> {
    const [row] = await this.#select(sql`id = ${id}`);
    return row === undefined ? undefined : toSummary(row);
  }

  async #select(where: ReturnType<typeof sql>): Promise<SummaryRow[]> {
    const { rows } = await sql<SummaryRow>`
      select chosen.id, channel, surface, origin, unreachable, chosen.created_at,
        chosen.created_at::text as created_text, last.seq as last_seq, last.created_at as last_at,
        exists (select from hand_over_requests where conversation_id = chosen.id) as hand_over
      from (select * from conversations where ${where}) as chosen
      left join lateral (
        select seq, created_at from messages where conversation_id = chosen.id order by seq desc limit 1
      ) as last on true
      order by chosen.created_at, chosen.id`.execute(this.#db);
    return rows;
  }
}

function toSummary(row: SummaryRow): ConversationSummary {
  return {
    id: row.id,
    channel: row.channel,
    surface: row.surface,
    ...(row.origin === null ? {} : { origin: row.origin }),
    handOverRequested: row.hand_over,
    reachable: row.unreachable === null,
    lastSeq: Number(row.last_seq ?? 0),
    createdAt: row.created_at.toISOString(),
    updatedAt: (row.last_at ?? row.created_at).toISOString(),
  };
}
