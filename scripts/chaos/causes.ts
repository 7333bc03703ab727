import { sql } from "kysely";
import { openDatabase } from "../../src/storage/database.ts";
import type { Fault } from "./account.ts";

/** Lines of the log that are printed at most. */
const mostLines = 12;
/** Faults that are explained at most. */
const mostFaults = 10;

/** Counts what the processes log: which lines, how often. */
export class LogLines {
  readonly #counts = new Map<string, number>();

  /** One line of a process's log; what is no log line is passed on to this one's stderr. */
  add(line: string): void {
    if (line.trim() === "") return;
    const said = readLine(line);
    if (said === undefined) process.stderr.write(`${line}\n`);
    else this.#counts.set(said, (this.#counts.get(said) ?? 0) + 1);
  }

  print(): void {
    const all = [...this.#counts].toSorted(([, a], [, b]) => b - a);
    if (all.length > 0) process.stdout.write("what the processes logged:\n");
    for (const [line, count] of all.slice(0, mostLines))
      process.stdout.write(`${String(count).padStart(7)}  ${line}\n`);
    if (all.length > mostLines) process.stdout.write(`         and ${all.length - mostLines} other lines\n`);
  }
}

function readLine(line: string): string | undefined {
  try {
    const { level, msg, kind, reason, err } = JSON.parse(line) as Record<string, unknown>;
    if (typeof msg !== "string") return undefined;
    const { code, message } = (err ?? {}) as { code?: unknown; message?: unknown };
    const details = [kind, reason, code, message].filter((detail) => typeof detail === "string");
    // Without figures, which would make a line of each.
    return `${String(level)}: ${[msg, ...details]
      .join(" · ")
      .replaceAll(/\d{2,}/gu, "N")
      .slice(0, 200)}`;
  } catch {
    return undefined;
  }
}

/** Prints what must not be, and what the database says about each message. The processes must have ended. */
export async function explainFaults(
  faults: readonly Fault[],
  where: { readonly dataDir: string; readonly databaseUrl?: string },
): Promise<void> {
  if (faults.length === 0) return;
  const database = await openDatabase(where);
  try {
    for (const { what, name } of faults.slice(0, mostFaults)) {
      const { rows } = await sql<{ said: string }>`
        select concat_ws(' ', messages.sender, messages.seq, 'answered', messages.answered_at, messages.set_aside,
          '| ledger', deliveries.state, deliveries.reason, 'attempts', deliveries.attempts, 'unknown',
          deliveries.unknowns, 'repeated', deliveries.repeated, '| lane', lanes.kind, 'due', lanes.due_at, 'leased',
          lanes.leased_until, 'attempts', lanes.attempts) as said
        from messages join conversations on conversations.id = messages.conversation_id
        left join deliveries on deliveries.message_id = messages.id
        left join lanes on lanes.key = messages.conversation_id and lanes.kind = case messages.sender
          when 'contact' then 'turn' else 'send:' || conversations.channel end
        where messages.text in (${name}, ${`回 ${name}`}) order by messages.seq`.execute(database.db);
      process.stdout.write(`${what}: ${name}\n${rows.map(({ said }) => `    ${said}\n`).join("")}`);
    }
    if (faults.length > mostFaults) process.stdout.write(`and ${faults.length - mostFaults} more\n`);
  } finally {
    await database.close();
  }
}
