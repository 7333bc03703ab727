import { z } from "zod";
import type { KnowledgeLibrary } from "../knowledge/knowledge-library.ts";
import type { GenerationRow } from "../knowledge/knowledge-store.ts";
import type { ReloadReport } from "../knowledge/reload-report.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";
import { type HitRecord, hitRecord, type ListedDocument } from "./knowledge-output.ts";

/** What each command resolves to. */
export interface KnowledgeResults {
  readonly reload: ReloadReport;
  readonly add: ReloadReport;
  readonly remove: ReloadReport;
  readonly rollback: GenerationRow;
  readonly list: { readonly total: number; readonly documents: readonly ListedDocument[] };
  readonly search: readonly (readonly HitRecord[])[];
}

type CommandName = keyof KnowledgeResults;

export const knowledgeCommandNames: readonly CommandName[] = [
  "reload",
  "add",
  "remove",
  "rollback",
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

const addArgs = z.object({ paths: z.array(z.string()).min(1) });
/** Hits of one search: more would not fit into one line of the control socket. */
export const mostHits = 200;
const removeArgs = z.object({ id: z.string() });
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
    reload: (_args: unknown, progress: Progress, signal: AbortSignal) =>
      library.reload(options(progress, signal)),
    add: (args: unknown, progress: Progress, signal: AbortSignal) =>
      library.add(addArgs.parse(args).paths, options(progress, signal)),
    remove: (args: unknown, progress: Progress, signal: AbortSignal) =>
      library.remove(removeArgs.parse(args).id, options(progress, signal)),
    rollback: (_args: unknown, progress: Progress, signal: AbortSignal) =>
      library.rollBack(options(progress, signal)),
    list: async (args: unknown) => {
      const { offset, limit } = listArgs.parse(args);
      const all = await library.list();
      return {
        total: all.length,
        documents: all.slice(offset, offset + limit).map(({ id, kind, region, chunks, title, repealed }) => ({
          id,
          kind,
          region,
          chunks,
          title,
          ...(repealed === undefined ? {} : { repealed }),
        })),
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
