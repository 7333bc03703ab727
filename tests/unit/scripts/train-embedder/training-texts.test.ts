import { describe, expect, it } from "vitest";
import { foldOf } from "../../../../scripts/train-embedder/folds.ts";
import { Random } from "../../../../scripts/train-embedder/random.ts";
import { Rewording } from "../../../../scripts/train-embedder/reword.ts";
import { TextStore } from "../../../../scripts/train-embedder/text-store.ts";
import { textFeatures } from "../../../../src/knowledge/embedding/text-features.ts";
import { loadLexicon } from "../../../../src/knowledge/retrieval/lexicon.ts";
import { Tokenizer } from "../../../../src/knowledge/retrieval/tokenizer.ts";

const lexicon = loadLexicon();
const tokenizer = new Tokenizer(lexicon);

describe("the parts of the rated questions", () => {
  it("are about 70, 10 and 20 in a hundred and depend on the id alone", () => {
    const counts = { train: 0, choose: 0, "held-out": 0 };
    for (let id = 0; id < 10_000; id++) {
      expect(foldOf(id)).toBe(foldOf(String(id)));
      counts[foldOf(id)]++;
    }
    expect(counts.train / 10_000).toBeCloseTo(0.7, 1);
    expect(counts.choose / 10_000).toBeCloseTo(0.1, 1);
    expect(counts["held-out"] / 10_000).toBeCloseTo(0.2, 1);
  });

  it("stay as they were: questions once held out must never be trained on", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(foldOf)).toMatchInlineSnapshot(`
      [
        "train",
        "train",
        "train",
        "held-out",
        "train",
        "train",
        "train",
        "train",
        "choose",
        "train",
        "train",
        "train",
      ]
    `);
  });
});

describe("the store of texts", () => {
  it("holds a text once, cut into clauses that together are the text", () => {
    const store = new TextStore(tokenizer);
    const text = "用人单位拖欠工资的，劳动者可以申请支付令；人民法院应当依法发出。";
    const id = store.add(text);
    expect(store.add(text)).toBe(id);
    expect(store.size).toBe(1);
    const { start, end } = store.clausesOf(id);
    expect(end - start).toBe(3);
    const clauses = ["用人单位拖欠工资的，", "劳动者可以申请支付令；", "人民法院应当依法发出。"];
    for (const [i, clause] of clauses.entries())
      expect([...store.featuresOf({ start: start + i, end: start + i + 1 })]).toEqual(
        textFeatures(tokenizer, clause),
      );
    expect([...store.featuresOf({ start, end })]).toEqual(
      clauses.flatMap((clause) => textFeatures(tokenizer, clause)),
    );
  });

  it("keeps the features of the first texts when it grows", () => {
    const store = new TextStore(tokenizer);
    const first = store.add("年休假有几天");
    const before = [...store.featuresOf(store.clausesOf(first))];
    for (let i = 0; i < 6; i++) store.add("加班费按工资计算".repeat(40_000) + i);
    expect([...store.featuresOf(store.clausesOf(first))]).toEqual(before);
  });

  it("gives a text without words no clause", () => {
    const store = new TextStore(tokenizer);
    const { start, end } = store.clausesOf(store.add("？！……"));
    expect(end).toBe(start);
  });
});

describe("questions in other words", () => {
  const rewording = new Rewording(lexicon);

  it("differ from the question, are the same for the same seed, and none where no word has another", () => {
    const [word = ""] = rewording.groups.find(([first = ""]) => first.length > 1) ?? [];
    const question = `${word}怎么办`;
    const variants = rewording.variants(question, 12, new Random(1));
    expect(variants.length).toBeGreaterThan(0);
    expect(variants).not.toContain(question);
    expect(new Set(variants).size).toBe(variants.length);
    expect(rewording.variants(question, 12, new Random(1))).toEqual(variants);
    expect(rewording.variants("xyz", 12, new Random(1))).toEqual([]);
  });
});
