import { isInForce } from "../knowledge/documents/in-force.ts";
import type { AskedDay } from "./asked-day.ts";
import { choosePeriod, type Period } from "./choose-period.ts";
import { composeExtractive, type Draft } from "./compose-extractive.ts";
import type { PassageLibrary, PassageSearch } from "./passage-search.ts";
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
  /** Whether the question names work or the union itself; one that does needs less support. */
  readonly related: boolean;
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

/** The day of a search; undefined: whatever holds or held. */
interface Scope {
  readonly asOf?: string;
  readonly region: string;
}

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
      period = await this.#findPeriod(search, request);
    } catch (error) {
      request.signal.throwIfAborted();
      this.#options.onUnavailable(error);
      return { state: "library_unavailable" };
    }
    const { support } = period;
    if (support.length === 0) return { state: "nothing_found" };
    const passagesOf = (id: string) => search.passagesOf(id);
    const told = (draft: Draft) =>
      request.asOf === undefined ? draft : tellPeriod(draft, period, request.asOf, passagesOf);
    const composed = await this.#options.composeWithModel?.(
      { question: request.question, earlier: request.earlier, support, search },
      request.onPreview,
      request.signal,
    );
    request.signal.throwIfAborted();
    if (composed !== undefined) return { state: "grounded", draft: told(composed), by: "model" };
    return { state: "grounded", draft: told(composeExtractive(support, passagesOf)), by: "passages" };
  }

  /** What supports an answer by the law of the day that the matter is of. */
  async #findPeriod(search: PassageSearch, request: AnswerRequest): Promise<Period> {
    const { today } = this;
    const { asOf: asked, region = this.#options.region } = request;
    const now = await this.#findSupport(search, request, { asOf: today, region });
    if (asked === undefined || (asked.date === today && asked.asks !== "former")) return { support: now };
    if (asked.asks !== "former") {
      const then = await this.#findSupport(search, request, { asOf: asked.date, region });
      return choosePeriod(then, now, asked, today);
    }
    const ever = await this.#findSupport(search, request, { region });
    const former = ever.filter(({ document }) => isFormer(document, today));
    return choosePeriod(former, now, asked, today);
  }

  /** Chooses the documents, then ranks all that the best one says by the same question. */
  async #findSupport(
    search: PassageSearch,
    { question, related, signal }: AnswerRequest,
    scope: Scope,
  ): Promise<Support[]> {
    const query = { ...scope, text: searchableText(question) };
    const [main, ...others] = selectSupport(
      await search.search({ ...query, limit: searchDepth }, signal),
      related,
    );
    if (main === undefined) return [];
    if (main.document.kind !== "guide") return [main, ...others];
    const hits = await search.search({ ...query, limit: guideDepth, documentId: main.document.id }, signal);
    return [{ ...main, hits: hits.length > 0 ? hits : main.hits }, ...others];
  }
}

/** A law that held once and does not any more; what is yet to come is none. */
function isFormer({ kind, effective, repealed }: Support["document"], today: string): boolean {
  if (kind === "guide" || kind === "local") return false;
  return !isInForce({ ...(repealed === undefined ? {} : { repealed }) }, today) && (effective ?? "") <= today;
}
