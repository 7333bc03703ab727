import type { AskedDay } from "./asked-day.ts";
import type { Period } from "./choose-period.ts";
import { composeExtractive, type Draft } from "./compose-extractive.ts";
import { findInScope, type Scope } from "./find-in-scope.ts";
import type { PassageLibrary, PassageSearch } from "./passage-search.ts";
import { searchFormer } from "./search-former.ts";
import { searchableText } from "./searchable-text.ts";
import { type Support, selectSupport } from "./select-passages.ts";
import { tellPeriod } from "./tell-period.ts";

/** Composes a reply with a language model; resolves to undefined where the passages' own words must do. */
export type ModelComposer = (
  input: { question: string; earlier: readonly string[]; support: readonly Support[]; search: PassageSearch },
  onPreview: (text: string) => void,
  signal: AbortSignal,
) => Promise<Draft | undefined>;

export interface AnswerRequest {
  /** The question, made to stand alone. */
  readonly question: string;
  /** The chance that the question is a matter of work or the union, 0 to 1: a likely one needs less support. */
  readonly chanceOfOurs: number;
  /** The contact's earlier questions, oldest first. */
  readonly earlier: readonly string[];
  /** The day whose law is asked for. Default: today. */
  readonly asOf?: AskedDay;
  /** Where the worker works. Default: the federation's place. */
  readonly region?: string;
  readonly onPreview: (text: string) => void;
  readonly signal: AbortSignal;
}

/** What the knowledge has to say: the three honest states. */
export type Answered =
  | { readonly state: "grounded"; readonly draft: Draft; readonly by: "passages" | "model" }
  | { readonly state: "nothing_found" }
  | { readonly state: "library_unavailable" };

export interface AnswererOptions {
  readonly library: PassageLibrary;
  /** Undefined: no language model is configured. */
  readonly composeWithModel?: ModelComposer;
  /** Place whose rules apply beside the national ones. */
  readonly region: string;
  /** Today's ISO date: only what is in force then supports an answer. */
  readonly today: () => string;
  /** Hears why the knowledge could not be searched. */
  readonly onUnavailable: (error: unknown) => void;
}

/** How many chunks are looked at to choose documents. */
const searchDepth = 40;
/** More chunks than a guide has. */
const guideDepth = 60;

/** Answers a question from one pinned generation of the knowledge, with a model or without. */
export class Answerer {
  readonly #options: AnswererOptions;

  constructor(options: AnswererOptions) {
    this.#options = options;
  }

  /** Today's ISO date by the answerer's clock. */
  get today(): string {
    return this.#options.today();
  }

  async answer(request: AnswerRequest): Promise<Answered> {
    let search: PassageSearch;
    let period: Period;
    try {
      search = this.#options.library.pin();
      const pinned = search;
      period = await findInScope(request, { today: this.today, region: this.#options.region }, (scope) =>
        this.#findSupport(pinned, request, scope),
      );
    } catch (error) {
      request.signal.throwIfAborted();
      this.#options.onUnavailable(error);
      return { state: "library_unavailable" };
    }
    const { support } = period;
    if (support.length === 0) return { state: "nothing_found" };
    const passagesOf = (id: string) => search.passagesOf(id);
    const told = (draft: Draft) => tellPeriod(draft, period, request, passagesOf);
    const composed = await this.#options.composeWithModel?.(
      { question: request.question, earlier: request.earlier, support, search },
      request.onPreview,
      request.signal,
    );
    request.signal.throwIfAborted();
    if (composed !== undefined) return { state: "grounded", draft: told(composed), by: "model" };
    return { state: "grounded", draft: told(composeExtractive(support, passagesOf)), by: "passages" };
  }

  /** Chooses the documents, then ranks all that the best one says by the same question. */
  async #findSupport(
    search: PassageSearch,
    { question, chanceOfOurs, signal }: AnswerRequest,
    scope: Scope,
  ): Promise<Support[]> {
    const query = { ...scope, text: searchableText(question) };
    const found =
      scope.asOf === undefined
        ? await searchFormer(search, query, this.today, signal)
        : await search.search({ ...query, limit: searchDepth }, signal);
    const [main, ...others] = selectSupport(found, chanceOfOurs);
    if (main === undefined) return [];
    if (main.document.kind !== "guide") return [main, ...others];
    const hits = await search.search({ ...query, limit: guideDepth, documentId: main.document.id }, signal);
    return [{ ...main, hits: hits.length > 0 ? hits : main.hits }, ...others];
  }
}
