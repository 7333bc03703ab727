import { type Kysely, sql } from "kysely";
import type { CitingAnswers, CitingQuestion } from "../knowledge/knowledge-store.ts";
import type { Tables } from "./tables.ts";

interface CitingRow {
  readonly document_id: string;
  readonly conversation_id: string;
  readonly answers: string | number;
  readonly first: Date;
  readonly last: Date;
}

/** The ids of the chunks that an answer cites: written as the index `messages_citing` has it. */
const citedChunks = sql`jsonb_path_query_array(answer, '$.citations[*].chunkId')`;

/** Finds answers by the chunks of every version of a document, also of those that were cleared away. */
export async function findCitingAnswers(
  db: Kysely<Tables>,
  documents: readonly { readonly id: string; readonly title: string }[],
  { since, named }: CitingQuestion,
): Promise<CitingAnswers[]> {
  const ids = documents.map(({ id }) => id);
  const recent = since === undefined ? sql`true` : sql`created_at >= ${since}::timestamptz`;
  const { rows } = await sql<CitingRow>`
    with cited as materialized (
      select id, document_id from chunks where document_id = any(${ids}::text[])
      union
      select chunk_id, document_id from former_chunks where document_id = any(${ids}::text[])
    ), citing as (
      select id, conversation_id, created_at, ${citedChunks} as chunk_ids
      from messages
      where ${citedChunks} ?| array(select id from cited) and ${recent}
    )
    select cited.document_id, citing.conversation_id, count(distinct citing.id) as answers,
      min(citing.created_at) as first, max(citing.created_at) as last
    from citing
      cross join lateral jsonb_array_elements_text(citing.chunk_ids) as used(chunk_id)
      join cited on cited.id = used.chunk_id
    group by cited.document_id, citing.conversation_id
    order by last desc, citing.conversation_id`.execute(db);
  const byDocument = Map.groupBy(rows, (row) => row.document_id);
  return documents.flatMap(({ id, title }) => {
    const own = byDocument.get(id);
    return own === undefined ? [] : [summaryOf(id, title, own, named)];
  });
}

function summaryOf(
  documentId: string,
  title: string,
  rows: readonly CitingRow[],
  named: number,
): CitingAnswers {
  const first = Math.min(...rows.map((row) => row.first.getTime()));
  return {
    documentId,
    title,
    answers: rows.reduce((sum, row) => sum + Number(row.answers), 0),
    conversations: rows.length,
    latest: rows.slice(0, named).map((row) => ({
      conversationId: row.conversation_id,
      answers: Number(row.answers),
      last: row.last.toISOString(),
    })),
    first: new Date(first).toISOString(),
    last: (rows[0]?.last ?? new Date(first)).toISOString(),
  };
}
