import type { Lexicon } from "../../src/knowledge/retrieval/lexicon.ts";
import { Random } from "./random.ts";
import type { Article, Guide, RatedQuestion } from "./read-sources.ts";
import { Rewording } from "./reword.ts";
import type { ClauseRange, TextId, TextStore } from "./text-store.ts";

/** Two texts that belong together. */
export interface Example {
  readonly left: readonly ClauseRange[];
  readonly right: readonly ClauseRange[];
  /** No two examples of one batch share a key: else they would be held for wrong answers of each other. */
  readonly keys: readonly (string | number)[];
}

/** One kind of examples. */
export interface PairSource {
  readonly name: string;
  /** Its part of every batch; the parts add up to 1. */
  readonly share: number;
  draw(random: Random): Example;
}

/** A text that answers none of the batch's questions, unless an example has its key. */
export interface Distractor {
  readonly text: ClauseRange;
  readonly key: string;
}

export interface TrainingMix {
  readonly sources: readonly PairSource[];
  drawDistractor(random: Random): Distractor;
}

/** A question, and the same in other words. */
interface Asked {
  readonly question: TextId;
  readonly wordings: readonly TextId[];
}

export interface TrainingTexts {
  readonly articles: readonly Article[];
  readonly pairs: readonly { question: string; text: string }[];
  readonly rated: readonly RatedQuestion[];
  readonly guides: readonly Guide[];
  readonly lexicon: Lexicon;
}

/** How many other wordings of a guide's question and of another one are made, and how often one is asked instead. */
const guideWordings = { count: 12, share: 0.5 };
const otherWordings = { count: 3, share: 0.2 };
const wordingSeed = 7;

const labourLaws =
  /劳动|工会|工伤|社会保险|就业|工资|职业病|安全生产|妇女|未成年|残疾人|退休|公积金|医疗保险|失业|生育|养老|法律援助|信访|农民工|职工/u;

/** Reads all texts into the store and returns the kinds of examples that a batch is mixed from. */
export function pairSources(store: TextStore, texts: TrainingTexts): TrainingMix {
  const whole = (text: TextId): ClauseRange => store.clausesOf(text);
  const articles = texts.articles.map(({ id, law, text }) => ({
    id,
    text: store.add(text),
    law: store.add(law),
    labour: labourLaws.test(law),
  }));
  const byId = new Map(articles.map((article) => [article.id, article]));
  const labour = articles.filter((article) => article.labour);
  const rewording = new Rewording(texts.lexicon);
  const random = new Random(wordingSeed);
  const asked = (question: string, count: number): Asked => ({
    question: store.add(question),
    wordings: rewording.variants(question, count, random).map((variant) => store.add(variant)),
  });
  const pairs = texts.pairs.map(({ question, text }) => ({
    ...asked(question, otherWordings.count),
    text: store.add(text),
  }));
  const rated = texts.rated
    .map(({ question, relevant }) => ({
      ...asked(question, otherWordings.count),
      articles: relevant.flatMap((id) => byId.get(id) ?? []),
    }))
    .filter((one) => one.articles.length > 0);
  const guides = texts.guides.map(({ document, chunks }) => ({
    key: document.id,
    title: store.add(document.title),
    questions: document.questions.map((question) => asked(question, guideWordings.count)),
    passages: chunks.map(({ text }) => store.add(text)),
  }));
  const synonyms = rewording.groups.map((words) => words.map((word) => store.add(word)));

  /** A question in its own or in other words. */
  const said = ({ question, wordings: others }: Asked, share: number, random: Random): ClauseRange =>
    whole(others.length > 0 && random.next() < share ? random.pick(others) : question);

  /** One to three clauses of a text, and the rest of it. */
  const clozeOf = (text: TextId, title: TextId | undefined, random: Random): Example => {
    const { start, end } = whole(text);
    const length = 1 + random.below(Math.min(3, Math.max(1, end - start - 1)));
    const from = start + random.below(Math.max(1, end - start - length + 1));
    const rest = [
      { start, end: from },
      { start: Math.min(end, from + length), end },
    ];
    const named = title !== undefined && random.next() < 0.5 ? [whole(title)] : [];
    return {
      left: [{ start: from, end: Math.min(end, from + length) }],
      right: [...named, ...rest],
      keys: [text],
    };
  };

  const sources: PairSource[] = [
    {
      name: "questions with answers",
      share: 0.2,
      draw: (random) => {
        const pair = random.pick(pairs);
        return {
          left: [said(pair, otherWordings.share, random)],
          right: [whole(pair.text)],
          keys: [pair.question, pair.text],
        };
      },
    },
    {
      name: "questions with articles",
      share: 0.12,
      draw: (random) => {
        const one = random.pick(rated);
        const article = random.pick(one.articles);
        const title = random.next() < 0.2 ? [whole(article.law)] : [];
        return {
          left: [said(one, otherWordings.share, random)],
          right: [...title, whole(article.text)],
          keys: [one.question, ...one.articles.map(({ text }) => text)],
        };
      },
    },
    {
      name: "guides",
      share: 0.22,
      draw: (random) => {
        const guide = random.pick(guides);
        const question = random.pick(guide.questions);
        const other = random.pick(guide.questions);
        const choice = random.next();
        const keys = [guide.key];
        const left = [said(question, guideWordings.share, random)];
        if (choice < 0.5 && other !== question)
          return { left, right: [said(other, guideWordings.share, random)], keys };
        if (choice < 0.65) return { left, right: [whole(guide.title)], keys };
        return { left, right: [whole(guide.title), whole(random.pick(guide.passages))], keys };
      },
    },
    {
      name: "articles against themselves",
      share: 0.2,
      draw: (random) => {
        const { text, law } = random.pick(articles);
        return clozeOf(text, law, random);
      },
    },
    {
      name: "articles of labour law against themselves",
      share: 0.11,
      draw: (random) => {
        const { text, law } = random.pick(labour);
        return clozeOf(text, law, random);
      },
    },
    {
      name: "answers and guides against themselves",
      share: 0.06,
      draw: (random) => {
        if (random.next() < 0.6) return clozeOf(random.pick(pairs).text, undefined, random);
        const guide = random.pick(guides);
        const example = clozeOf(random.pick(guide.passages), guide.title, random);
        return { ...example, keys: [guide.key] };
      },
    },
    {
      name: "questions in other words",
      share: 0.05,
      draw: (random) => {
        const guide = random.pick(guides);
        const question = random.pick(guide.questions);
        return {
          left: [said(question, guideWordings.share, random)],
          right: [said(question, guideWordings.share, random)],
          keys: [guide.key],
        };
      },
    },
    {
      name: "words of one meaning",
      share: 0.04,
      draw: (random) => {
        const group = random.below(synonyms.length);
        const words = synonyms[group] as TextId[];
        return {
          left: [whole(random.pick(words))],
          right: [whole(random.pick(words))],
          keys: [`words ${group}`],
        };
      },
    },
  ];
  // Guides are few and alike: a question must tell its guide from nearly all others, not only those of the batch.
  const drawDistractor = (random: Random): Distractor => {
    const guide = random.pick(guides);
    const choice = random.next();
    const text =
      choice < 0.6
        ? random.pick(guide.questions).question
        : choice < 0.75
          ? guide.title
          : random.pick(guide.passages);
    return { text: whole(text), key: guide.key };
  };
  return { sources, drawDistractor };
}
