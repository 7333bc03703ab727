import { type Kysely, sql } from "kysely";
import type { Tables } from "./tables.ts";

/** Messages that are looked at for questions, the latest ones: bounds the time where few were answered. */
const mostMessages = 20_000;

/**
 * What contacts wrote last and got an answer with sources to, newest first, each once: all that they wrote in that
 * turn. As they wrote it: personal data must be masked before anybody sees it.
 */
export async function latestQuestions(db: Kysely<Tables>, most: number): Promise<string[]> {
  if (most === 0) return [];
  const { rows } = await sql<{ question: string }>`
    with answered as (
      select reply_to, seq
      from (select sender, reply_to, answer, seq from messages order by seq desc limit ${mostMessages}) as late
      where sender = 'bot' and reply_to is not null and answer ->> 'state' = 'grounded'
        and jsonb_path_exists(answer, '$.citations[0]')
      order by seq desc limit ${4 * most}
    ), asked as (
      select answered.seq, (
        select string_agg(said.text, E'\n' order by said.seq) from messages as said
        where said.conversation_id = last.conversation_id and said.sender = 'contact' and said.text <> ''
          and said.answered_at = last.answered_at
      ) as question
      from answered join messages as last on last.id = answered.reply_to
    )
    select question from asked where question is not null
    group by question order by max(seq) desc limit ${most}`.execute(db);
  return rows.map(({ question }) => question);
}
