import { readdir } from "node:fs/promises";
import { createRehearser } from "../../src/app.ts";
import { GenerationFiles } from "../../src/knowledge/generations/generation-files.ts";
import { KnowledgeLibrary, type KnowledgeLibraryOptions } from "../../src/knowledge/knowledge-library.ts";
import type { KnowledgeStore } from "../../src/knowledge/knowledge-store.ts";
import type { Database } from "../../src/storage/database.ts";
import { SqlKnowledgeStore } from "../../src/storage/knowledge-store.ts";
import { temporaryFolder } from "./knowledge-folder.ts";
import { tools } from "./knowledge-tools.ts";

/** An embedder that no server answers for: every build that needs a vector fails. */
export const unreachable = {
  embedderSettings: {
    kind: "remote",
    model: "nobody",
    baseUrl: "http://127.0.0.1:9/v1",
    timeoutMs: 500,
  },
  embedder: {
    version: tools.embedder.version,
    embedQuery: (text: string) => tools.embedder.embedQuery(text),
    embedDocuments: () => Promise.reject(new Error("nobody answers")),
  },
} as const;

/** A replica's library on a database, not yet started, with an index folder of its own. */
export async function openLibrary(
  database: Database,
  folder: string,
  overrides: Partial<KnowledgeLibraryOptions> = {},
) {
  const root = overrides.root ?? (await temporaryFolder());
  const store = new SqlKnowledgeStore({ db: database.db, now: () => new Date() });
  const library = new KnowledgeLibrary({
    ...tools,
    store,
    files: new GenerationFiles(root),
    root,
    folder,
    federation: "chongqing",
    rehearser: createRehearser(async () => []),
    now: () => performance.now(),
    ...overrides,
  });
  return {
    library,
    store,
    root,
    generationsOnDisk: async () => (await readdir(root)).map(Number).sort((a, b) => a - b),
    /** Titles of what answers a question now, best first. */
    titles: (text: string) => titlesOf(library.pin(), text),
  };
}

export async function titlesOf(pinned: ReturnType<KnowledgeLibrary["pin"]>, text: string): Promise<string[]> {
  const found = await pinned.search({ text, limit: 10 });
  return [...new Set(found.map(({ document }) => document.title))];
}

/** The same store, but for the methods given. */
export function withMethods(store: KnowledgeStore, methods: Partial<KnowledgeStore>): KnowledgeStore {
  return new Proxy(store, {
    get: (target, name: keyof KnowledgeStore) => methods[name] ?? target[name].bind(target),
  });
}
