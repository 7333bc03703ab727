import type { Chunk } from "../../src/knowledge/chunk.ts";
import { readLibrary } from "../../src/knowledge/documents/read-library.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import { readFolderSettings } from "../../src/knowledge/knowledge-folder.ts";
import {
  type DocumentInfo,
  entriesOf,
  type IndexEntry,
  type IndexedChunk,
} from "../../src/knowledge/retrieval/index-entries.ts";
import { foldOf } from "./folds.ts";

export interface Article {
  readonly id: number;
  readonly law: string;
  readonly text: string;
}

export interface RatedQuestion {
  readonly question: string;
  /** Ids of the articles that answer it. */
  readonly relevant: readonly number[];
}

export interface GoldenQuestion {
  readonly question: string;
  /** Id of the guide that answers it. */
  readonly guide: string;
}

export interface Guide {
  readonly document: DocumentInfo;
  readonly chunks: readonly Chunk[];
}

export async function readArticles(corpus: string): Promise<Article[]> {
  return (await all(corpus)) as unknown as Article[];
}

/** The STARD dev questions of one part. */
export async function readRated(file: string, fold: ReturnType<typeof foldOf>): Promise<RatedQuestion[]> {
  const records = (await all(file)) as unknown as (RatedQuestion & { id: number })[];
  return records.filter(({ id }) => foldOf(id) === fold);
}

/** Golden questions that name their guide: the lines with an even number decide, those with an odd one report. */
export async function readGolden(files: readonly string[], lines: "even" | "odd"): Promise<GoldenQuestion[]> {
  const found: GoldenQuestion[] = [];
  for (const file of files) {
    const records = (await all(file)) as unknown as GoldenQuestion[];
    found.push(
      ...records.filter(({ guide }, i) => guide !== undefined && (i % 2 === 1) === (lines === "even")),
    );
  }
  return found;
}

export async function readGuides(
  knowledge: string,
): Promise<{ guides: readonly Guide[]; chunks: IndexedChunk[]; entries: IndexEntry[] }> {
  const { register } = await readFolderSettings(knowledge, "chongqing");
  const { versions } = await readLibrary(`${knowledge}/guides`, { origin: "library", register });
  return { guides: versions, ...entriesOf(versions) };
}

/** Questions with a text that answers them. */
export async function readPairs(file: string): Promise<{ question: string; text: string }[]> {
  return (await all(file)) as unknown as { question: string; text: string }[];
}

async function all(file: string): Promise<Record<string, unknown>[]> {
  const records: Record<string, unknown>[] = [];
  for await (const record of readJsonl(file)) records.push(record);
  return records;
}
