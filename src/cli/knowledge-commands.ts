import { z } from "zod";
import type { GenerationEvent } from "../knowledge/generation-event.ts";
import type { KnowledgeLibrary } from "../knowledge/knowledge-library.ts";
import type { CitingAnswers } from "../knowledge/knowledge-store.ts";
import type { RolledBack } from "../knowledge/live-generations.ts";
import type { ReloadReport } from "../knowledge/reload-report.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";
import { type HitRecord, hitRecord, type ListedDocument, listedDocument } from "./knowledge-output.ts";

/** What each command resolves to. */
export interface KnowledgeResults {
  readonly reload: ReloadReport;
  readonly add: ReloadReport;
  readonly remove: ReloadReport;
  readonly rollback: RolledBack;
  readonly history: readonly GenerationEvent[];
  /** Null: no answer cited it. */
  readonly cited: CitingAnswers | null;
  readonly list: { readonly total: number; readonly documents: readonly ListedDocument[] };
  readonly search: readonly (readonly HitRecord[])[];
}

type CommandName = keyof KnowledgeResults;

export const knowledgeCommandNames: readonly CommandName[] = [
  "reload",
  "add",
  "remove",
  "rollback",
  "history",
  "cited",
  "list",
  "search",
];

/** Commands after which other knowledge may serve. */
export const changesKnowledge: ReadonlySet<string> = new Set<CommandName>([
  "reload",
  "add",
  "remove",
  "rollback",
]);

type Progress = Parameters<ControlHandler>[1];

/** Who asks, and with what reason although answers get worse. */
const approval = {
  by: z.string().max(200).exactOptional(),
  accept: z.string().trim().min(1).max(1_000).exactOptional(),
};
const reloadArgs = z.object(approval);
const addArgs = z.object({ ...approval, paths: z.array(z.string()).min(1) });
/** Hits of one search: more would not fit into one line of the control socket. */
export const mostHits = 200;
const removeArgs = z.object({ by: approval.by, id: z.string() });
const rollbackArgs = z.object({ by: approval.by });
const historyArgs = z.object({
  most: z.number().int().min(1).max(500),
  generation: z.number().int().exactOptional(),
});
/** Conversations that one answer of the control socket can name. */
export const mostNamed = 2_000;
const citedArgs = z.object({ id: z.string(), since: z.iso.date("日期要写成 2026-01-31").exactOptional() });
const listArgs = z.object({ offset: z.number().int().min(0), limit: z.number().int().min(1).max(500) });
const searchArgs = z.object({
  texts: z.array(z.string()).min(1).max(100),
  top: z.number().int().min(1).max(mostHits),
  all: z.boolean(),
});

/**
 * What can be done to the knowledge from the command line. The same functions run in the service, reached through
 * its control socket, and in a process that owns the data folder itself.
 */
export function knowledgeCommands(
  library: KnowledgeLibrary,
  today: () => string,
): Record<CommandName, ControlHandler> {
  const options = (progress: Progress, signal: AbortSignal) => ({
    onProgress: (update: object) => progress({ ...update }),
    signal,
  });
  return {
    reload: (args: unknown, progress: Progress, signal: AbortSignal) =>
      library.reload({ ...reloadArgs.parse(args), ...options(progress, signal) }),
    add: (args: unknown, progress: Progress, signal: AbortSignal) => {
      const { paths, ...rest } = addArgs.parse(args);
      return library.add(paths, { ...rest, ...options(progress, signal) });
    },
    remove: (args: unknown, progress: Progress, signal: AbortSignal) => {
      const { id, ...rest } = removeArgs.parse(args);
      return library.remove(id, { ...rest, ...options(progress, signal) });
    },
    rollback: (args: unknown, progress: Progress, signal: AbortSignal) =>
      library.rollBack({ ...rollbackArgs.parse(args), ...options(progress, signal) }),
    history: (args: unknown) => {
      const { most, generation } = historyArgs.parse(args);
      return library.history(most, generation);
    },
    cited: async (args: unknown) => {
      const { id, since } = citedArgs.parse(args);
      // The day begins where the federation is.
      const from = since === undefined ? {} : { since: `${since}T00:00:00+08:00` };
      return (await library.cited(id, { named: mostNamed, ...from })) ?? null;
    },
    list: async (args: unknown) => {
      const { offset, limit } = listArgs.parse(args);
      const all = await library.list();
      return {
        total: all.length,
        documents: all.slice(offset, offset + limit).map((document) => listedDocument(document, today())),
      };
    },
    search: async (args: unknown, _progress: Progress, signal: AbortSignal) => {
      const { texts, top, all } = searchArgs.parse(args);
      const pinned = library.pin();
      const scope = all ? {} : { asOf: today(), region: library.local().federation.region };
      return Promise.all(
        texts.map(async (text) =>
          (await pinned.search({ text, limit: top, ...scope }, signal)).map(hitRecord),
        ),
      );
    },
  };
}
