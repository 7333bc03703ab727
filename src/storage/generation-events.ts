import { type Kysely, type Selectable, sql } from "kysely";
import type { GenerationEvent, NewGenerationEvent } from "../knowledge/generation-event.ts";
import type { RehearsalReport } from "../knowledge/rehearsal/rehearsal-report.ts";
import { withoutNulls } from "./sql-values.ts";
import { jsonText } from "./storable-text.ts";
import type { Tables } from "./tables.ts";

export async function insertEvent(
  db: Kysely<Tables>,
  generationId: number,
  { event, against, reason, by, report }: NewGenerationEvent,
  at: Date,
): Promise<void> {
  await db
    .insertInto("generation_events")
    .values({
      event,
      generation_id: generationId,
      against_id: against ?? null,
      reason: reason ?? null,
      by_whom: by ?? null,
      report: report === undefined ? null : jsonText(report),
      at: at.toISOString(),
    })
    .execute();
}

/** Newest first. The answers of a report, its long part, are read for one generation only. */
export async function listEvents(
  db: Kysely<Tables>,
  most: number,
  generationId?: number,
): Promise<GenerationEvent[]> {
  const report =
    generationId === undefined
      ? sql<RehearsalReport | null>`jsonb_set(report, '{answers}', '[]'::jsonb)`
      : sql<RehearsalReport | null>`report`;
  const rows = await db
    .selectFrom("generation_events")
    .select(["event", "generation_id", "against_id", "reason", "by_whom", "at", report.as("report")])
    .$if(generationId !== undefined, (query) => query.where("generation_id", "=", generationId ?? 0))
    .orderBy("id", "desc")
    .limit(most)
    .execute();
  return rows.map(toEvent);
}

/** The generation that is active until the transaction ends; undefined where none is. */
export async function lockActive(tx: Kysely<Tables>): Promise<number | undefined> {
  const { rows } = await sql<{ generation_id: number }>`
    select generation_id from active_generation for update`.execute(tx);
  return rows[0]?.generation_id;
}

function toEvent(row: Omit<Selectable<Tables["generation_events"]>, "id">): GenerationEvent {
  return {
    event: row.event,
    generation: row.generation_id,
    ...withoutNulls({ against: row.against_id, reason: row.reason, by: row.by_whom, report: row.report }),
    at: row.at.toISOString(),
  };
}
