import { CorpusSearch, type ForeignId } from "../../src/knowledge/corpus-search.ts";
import { localDocuments } from "../../src/knowledge/documents/local-documents.ts";
import { readLibrary } from "../../src/knowledge/documents/read-library.ts";
import { buildIndex } from "../../src/knowledge/generations/build-index.ts";
import { readFolderSettings } from "../../src/knowledge/knowledge-folder.ts";
import { entriesOf, withoutTexts } from "../../src/knowledge/retrieval/index-entries.ts";
import { type FirstStage, SearchIndex } from "../../src/knowledge/retrieval/search-index.ts";
import { cutChunks } from "../../src/knowledge/sections/cut-chunks.ts";
import type { GoldenQuestion, RatedQuestion } from "../train-embedder/read-sources.ts";

type Tools = Parameters<typeof CorpusSearch.load>[1];

/** What the first stage found for one question, and which of it is right. */
export interface GatheredQuestion {
  readonly rows: Float32Array;
  /** One flag a row. */
  readonly right: readonly boolean[];
  /** How many right ones there are, found or not. */
  readonly wanted: number;
}

/** Legal questions over articles: several may be right. */
export class ArticleIndex {
  readonly #search: CorpusSearch;

  private constructor(search: CorpusSearch) {
    this.#search = search;
  }

  static async load(articles: string, tools: Tools): Promise<ArticleIndex> {
    return new ArticleIndex(await CorpusSearch.load(articles, tools));
  }

  async gather(questions: readonly RatedQuestion[]): Promise<GatheredQuestion[]> {
    const gathered: GatheredQuestion[] = [];
    for (const { question, relevant } of questions) {
      const { rows, ids } = await this.#search.gather(question);
      const wanted = new Set<ForeignId>(relevant);
      gathered.push({ rows, right: ids.map((id) => wanted.has(id)), wanted: wanted.size });
    }
    return gathered;
  }
}

/** Workers' questions over the guides with the laws beside them: any passage of the guide is right. */
export class GuideIndex {
  readonly #index: SearchIndex;
  readonly #documents: readonly string[];

  private constructor(index: SearchIndex, documents: readonly string[]) {
    this.#index = index;
    this.#documents = documents;
  }

  static async load(knowledge: string, laws: string, tools: Tools): Promise<GuideIndex> {
    const { register, local } = await readFolderSettings(knowledge, "chongqing");
    const guides = await readLibrary(knowledge, { origin: "library", register });
    const added = await readLibrary(laws, { origin: "added", register });
    const own = localDocuments(local).map((document) => ({ document, chunks: cutChunks(document) }));
    const { chunks, entries } = entriesOf([...guides.versions, ...own, ...added.versions]);
    const { index } = await buildIndex(entries, tools);
    const parts = { chunks, entries: withoutTexts(entries), ...index };
    return new GuideIndex(
      new SearchIndex(parts, tools.tokenizer, tools.embedder),
      chunks.map(({ document }) => document.id),
    );
  }

  async gather(questions: readonly GoldenQuestion[]): Promise<GatheredQuestion[]> {
    const gathered: GatheredQuestion[] = [];
    for (const { question, guide } of questions) {
      const { candidates, rows }: FirstStage = await this.#index.gather({
        text: question,
        limit: 40,
        region: "重庆",
      });
      const right = candidates.map(({ position }) => this.#documents[position] === guide);
      gathered.push({ rows, right, wanted: 1 });
    }
    return gathered;
  }
}
