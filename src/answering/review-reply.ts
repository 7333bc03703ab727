import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import { checkClaims, type Evidence } from "./check-claims.ts";
import { Citations } from "./citations.ts";
import type { Draft } from "./compose-extractive.ts";
import { passageEvidence } from "./passage-evidence.ts";
import { type ReplySentence, splitReply } from "./reply-sentences.ts";
import { sharedPairs } from "./shared-pairs.ts";

/** Why a model's reply is not shown. */
export const replyFaults = [
  "empty",
  "uncited",
  "nonsense",
  "markup",
  "leaked_prompt",
  "unsupported_claim",
  "unsupported_sentence",
  "false_promise",
] as const;
export type ReplyFault = (typeof replyFaults)[number];

export interface ReviewedReply {
  /** The sentences that stood the check, their citations numbered in the order of use. */
  readonly draft: Draft;
  readonly fault?: ReplyFault;
  /** Nothing that may still come would change the draft. */
  readonly finished: boolean;
}

export interface ReviewOptions {
  /** In the order in which the model saw them: [1] is the first. */
  readonly passages: readonly IndexedChunk[];
  /** The contact's words, as the model saw them. */
  readonly question: string;
  /** Texts of which no sentence may come back: the rules that the model was given. */
  readonly secrets: readonly string[];
  readonly marker: string;
}

export const mostSentences = 6;
const longestReply = 1_500;
/** Share of a sentence's character pairs that its passages (with the question) must contain. */
const leastShared = 0.2;
/** The same for a sentence that names no passage; below it the sentence is left out. */
const leastSharedUncited = 0.5;

/** What the service never does, and what it cannot promise in the name of people. */
const falsePromises =
  /(?:已经?|正在|马上|立即|立刻|这就)(?:为|帮|替|给)(?:您|你)|(?:我们?|本助手|系统)(?:已经?|会|将|马上|这就|可以|正在)?(?:为|帮|替|给)(?:您|你)|已(?:转账|打款|汇款|报警|派人)|(?:转账|打款|汇款)(?:成功|完成)|(?:调解员|律师|工作人员|专员|客服|人工|同事|我们|工会)(?:会|将|马上|稍后|很快|正在)[^，。]{0,10}(?:联系|回复您|给您|找您|上门|赶到|过来)|我是(?:真人|人工|律师|调解员|工会的)/u;
const address = /https?:\/\/\S+|www\.\S+|\b[\w-]+\.(?:com|cn|net|org)\b/giu;

/** Checks one reply sentence by sentence, again and again while it grows. */
export class ReplyReview {
  readonly #options: ReviewOptions;
  readonly #evidence: readonly Evidence[];
  readonly #contact: Evidence;
  readonly #verdicts = new Map<string, Verdict>();

  constructor(options: ReviewOptions) {
    this.#options = options;
    this.#evidence = options.passages.map((passage, index) => passageEvidence(passage, String(index + 1)));
    this.#contact = { origin: "contact", reference: "question", text: options.question };
  }

  /** Judges the reply so far; `streaming` is false for the whole reply. */
  review(reply: string, streaming: boolean): ReviewedReply {
    const { sentences } = splitReply(reply, streaming);
    const citations = new Citations();
    const lines: string[] = [];
    let kept = 0;
    let text = "";
    const draft = (): Draft => ({
      text: trimLeadIn([...lines, text].join("\n").trim(), streaming),
      citations: citations.list,
      passages: citations.passages,
    });
    const fault = this.#faultOfWhole(reply);
    if (fault !== undefined) return { draft: draft(), fault, finished: true };
    for (const sentence of sentences) {
      const verdict = this.#judge(sentence);
      if (verdict === "left_out") continue;
      if (verdict !== "kept") return { draft: draft(), fault: verdict, finished: true };
      text += sentence.text.replace(/\[(?<number>\d+)\]/gu, (_, number: string) =>
        citations.cite(this.#passage(Number(number))),
      );
      if (sentence.endsLine) {
        lines.push(text);
        text = "";
      }
      kept += 1;
      if (kept === mostSentences) break;
    }
    const isShort = !streaming && citations.list.length === 0;
    return {
      draft: draft(),
      ...(isShort ? { fault: kept === 0 ? ("empty" as const) : ("uncited" as const) } : {}),
      finished: isShort || kept === mostSentences,
    };
  }

  #faultOfWhole(reply: string): ReplyFault | undefined {
    if (reply.includes(this.#options.marker) || /<<<|>>>|\{\{/u.test(reply)) return "leaked_prompt";
    if (reply.length > longestReply || /(?<loop>[^\s]{2,40}?)\k<loop>{4,}/u.test(reply)) return "nonsense";
    return undefined;
  }

  #judge(sentence: ReplySentence): Verdict {
    const key = sentence.text;
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.#verdictOf(sentence);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  #verdictOf({ text, cited }: ReplySentence): Verdict {
    const words = text.replace(/\[\d+\]/gu, "");
    if (cited.some((number) => this.#evidence[number - 1] === undefined)) return "unsupported_claim";
    const own = cited.map((number) => this.#evidence[number - 1] as Evidence);
    const all = this.#evidence.map((source) => source.text).join("\n");
    if (
      [...words.matchAll(address)].some(([found]) => !all.includes(found)) ||
      /<\/?[a-z][^>]*>|\]\(/iu.test(text)
    )
      return "markup";
    if (this.#isSecret(words)) return "leaked_prompt";
    const promise = falsePromises.exec(words)?.[0];
    if (promise !== undefined && !own.some((source) => source.text.includes(promise))) return "false_promise";
    if (checkClaims(words, [...own, this.#contact]).unsupported.length > 0) return "unsupported_claim";
    if (cited.length === 0) return this.#verdictUncited(words);
    if (!/\p{Script=Han}{2}/u.test(words)) return "nonsense";
    return sharedPairs(words, [...own, this.#contact].map((source) => source.text).join("\n")) >= leastShared
      ? "kept"
      : "unsupported_sentence";
  }

  /** A short lead-in or a sentence in the passages' own words may stand without a number; what else says nothing. */
  #verdictUncited(words: string): Verdict {
    const isLeadIn = /[：:]$/u.test(words) && words.length <= 20;
    const all = [...this.#evidence, this.#contact].map((source) => source.text).join("\n");
    return isLeadIn || sharedPairs(words, all) >= leastSharedUncited ? "kept" : "left_out";
  }

  #isSecret(words: string): boolean {
    const plain = words.replace(/[\s。！？!?]/gu, "");
    return (
      plain.length >= 10 && this.#options.secrets.some((secret) => secret.replace(/\s/gu, "").includes(plain))
    );
  }

  #passage(number: number): IndexedChunk {
    return this.#options.passages[number - 1] as IndexedChunk;
  }
}

type Verdict = "kept" | "left_out" | ReplyFault;

/** A lead-in that nothing follows leads nowhere. */
function trimLeadIn(text: string, streaming: boolean): string {
  return streaming ? text : text.replace(/(?:^|\n)[^\n。！？]*[：:]$/u, "").trim();
}
