import { readFileSync } from "node:fs";
import { type Likeness, type Sounding, SpellingIndex } from "./spelling-index.ts";
import { spansOfWords, type WordSpans } from "./word-spans.ts";

export interface Correction {
  readonly from: string;
  readonly to: string;
}

interface Candidate extends Correction {
  readonly at: number;
  readonly score: number;
}

/** Characters that stand as words of their own in everyday writing: one of them alone is no sign of an error. */
const everyday = new Set(
  "的了是在和与及或也就都而吗呢吧啊呀哦嘛哈把被给让使对从向到于以我你您他她它这那哪几么有没会能要想因还又再很太最更才只不得着过去来上下里中等其之并按说叫做" +
    "一二三四五六七八九十百千万两半零年月日号天周点分次个块元钱名位条张份家口岁人男女大小多少好坏新老高低长短快慢前后左右东西南北内外手脚头眼腿" +
    "干打买卖吃住行走跑看听问写拿放找请帮开关进出回用发交付收领算扣罚欠还带拉坐站怕敢肯该应当可需至每各某本另全整满约超离距差成为像如若则且但虽却即便先刚已曾将正仍均皆由往朝跟同替比连自凭经喊遭搞弄倒起完",
);
/** What only joins others or counts: never what somebody misspelt a word with. */
const particles = new Set(
  "的了吗呢吧啊呀哦嘛哈么我你您他她它这那一二三四五六七八九十百千万两半零几甲乙丙丁据",
);

/** Whoever writes more than this is understood by the rest of it. */
const mendedCharacters = 500;
const longestWord = 4;

/** A word scores the binary logarithm of the number of entries that have it, less what each change costs. */
const cost: Record<Likeness, number> = { "same sound": 0, "same shape": 0.5, "near sound": 2 };
const everydayCost = 5;
/** Two characters or more that stand right are a sign of their own. */
const keptBonus = 1;
/** What a word must reach. */
const enough = { labour: 1.5, other: 5.5 };
/** A character that the vocabulary has hardly ever outside of words, such as 仲. */
const bound = 0.95;

/**
 * Mends words that were written as they sound or look, against the words of an index. Touches only what the segmenter
 * could not read as words, and leaves alone whatever may have been meant as it stands.
 */
export class SpellingMender {
  readonly #vocabulary: ReadonlyMap<string, number>;
  readonly #segment: (text: string) => readonly string[];
  readonly #labour = labourWords();
  #index: SpellingIndex | undefined;

  constructor(vocabulary: Iterable<readonly [string, number]>, segment: (text: string) => readonly string[]) {
    this.#vocabulary = new Map(vocabulary);
    this.#segment = segment;
  }

  /** The first 500 characters of a text in the writing of a search, mended; the rest as it was. */
  mend(text: string): { text: string; corrections: Correction[] } {
    const chosen: Candidate[] = [];
    for (const candidate of this.#candidates(text.slice(0, mendedCharacters))) {
      const end = candidate.at + candidate.from.length;
      if (chosen.every(({ at, from }) => candidate.at >= at + from.length || at >= end))
        chosen.push(candidate);
    }
    chosen.sort((a, b) => a.at - b.at);
    let mended = "";
    let done = 0;
    for (const { at, from, to } of chosen) {
      mended += text.slice(done, at) + to;
      done = at + from.length;
    }
    return { text: mended + text.slice(done), corrections: chosen.map(({ from, to }) => ({ from, to })) };
  }

  /** Likeliest first. */
  #candidates(text: string): Candidate[] {
    const spans = spansOfWords(text, this.#segment(text));
    const found: Candidate[] = [];
    for (const run of text.matchAll(/\p{Script=Han}{2,}/gu)) {
      const end = run.index + run[0].length;
      for (let from = run.index; from + 2 <= end; from++) {
        for (let to = from + 2; to <= Math.min(from + longestWord, end); to++) {
          if (cuts(spans, from) || cuts(spans, to) || !this.#isUnread(text, from, to, spans)) continue;
          const best = this.#bestFor(text, from, to, spans);
          if (best !== undefined) found.push(best);
        }
      }
    }
    return found.sort((a, b) => b.score - a.score || a.at - b.at);
  }

  /** Whether the segmenter left a character alone here or, in a longer stretch, a word that the index does not know. */
  #isUnread(text: string, from: number, to: number, { starts, ends }: WordSpans): boolean {
    for (let i = from; i < to; i++) {
      const start = starts[i] as number;
      const unread =
        start < 0
          ? !particles.has(text[i] as string)
          : to - from > 2 && !this.#vocabulary.has(text.slice(start, ends[i]));
      if (unread) return true;
    }
    return false;
  }

  #bestFor(text: string, from: number, to: number, spans: WordSpans): Candidate | undefined {
    const written = text.slice(from, to);
    if (this.#vocabulary.has(written) || this.#labour.has(written)) return undefined;
    this.#index ??= new SpellingIndex(this.#vocabulary);
    let best: Candidate | undefined;
    for (const sounding of this.#index.like([...written])) {
      const score = this.#score(text, from, sounding, spans, this.#index);
      if (score !== undefined && score > (best?.score ?? 0))
        best = { at: from, from: written, to: sounding.word, score };
    }
    return best;
  }

  /** How far the word is above what it must reach; undefined where it cannot be meant. */
  #score(
    text: string,
    from: number,
    { word, readings }: Sounding,
    { starts, ends }: WordSpans,
    index: SpellingIndex,
  ): number | undefined {
    const labour = this.#labour.has(word);
    let score = Math.log2(this.#vocabulary.get(word) ?? 1);
    const kept: string[] = [];
    let everydayChanged = false;
    let alikeInAll = true;
    for (let i = 0; i < word.length; i++) {
      const was = text[from + i] as string;
      const is = word[i] as string;
      if (was === is) {
        kept.push(is);
        continue;
      }
      if (particles.has(was) || (everyday.has(is) && !labour)) return undefined;
      const like = index.likeness(was, is, readings[i] as string);
      if (like === undefined) return undefined;
      const start = starts[from + i] as number;
      if (start >= 0 && (!labour || this.#vocabulary.has(text.slice(start, ends[from + i]))))
        return undefined;
      alikeInAll &&= like === "same sound" && index.lookAlike(was, is);
      everydayChanged ||= everyday.has(was);
      score -= cost[like] + (everyday.has(was) ? everydayCost : 0);
    }
    if (kept.length > 1) score += keptBonus;
    const weak = kept.every((character) => everyday.has(character));
    if (kept.length === 0 || (weak && !(labour && alikeInAll))) return undefined;
    if (everydayChanged && kept.length === 1 && index.boundness(kept[0] as string) < bound) return undefined;
    return score - (labour ? enough.labour : enough.other);
  }
}

/** Whether a stretch that begins or ends here cuts a word. */
const cuts = ({ starts }: WordSpans, at: number) =>
  at > 0 && at < starts.length && (starts[at] as number) >= 0 && starts[at] === starts[at - 1];

/** Words of labour and of the union that people ask with: meant sooner than others, and right where they stand. */
const labourWords = () =>
  new Set(
    readFileSync(new URL("./labour-words.txt", import.meta.url), "utf8")
      .split("\n")
      .filter(Boolean),
  );
