import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { checkClaims, type Evidence } from "../../../src/answering/check-claims.ts";
import { numberOf } from "../../../src/answering/chinese-number.ts";
import { passageEvidence } from "../../../src/answering/passage-evidence.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { formatArticleLabel } from "../../../src/knowledge/sections/article-number.ts";
import { doubleWageGuide, guidePassages, passagesFrom } from "../../support/passages.ts";

const passage = (text: string): Evidence => ({ origin: "passage", reference: "1", text });
const contact = (text: string): Evidence => ({ origin: "contact", reference: "question", text });
const unsupported = (text: string, ...evidence: Evidence[]) => checkClaims(text, evidence).unsupported;

describe("checkClaims", () => {
  it("says for every claim where it comes from", () => {
    const check = checkClaims("您说工作了3年，可以要二倍工资。", [
      passage("每月支付2倍的工资"),
      contact("我干了三年"),
    ]);
    expect(check).toEqual({
      provenance: [
        { claim: "3年", origin: "contact", reference: "question" },
        { claim: "二倍", origin: "passage", reference: "1" },
      ],
      unsupported: [],
    });
  });

  it("refuses an article that stands there with another law", () => {
    const evidence = passage("《劳动法》第四十四条规定加班费，《劳动合同法》第三十一条也有规定。");
    expect(unsupported("《劳动法》第四十四条", evidence)).toEqual([]);
    expect(unsupported("劳动法第四十四条", evidence)).toEqual([]);
    expect(unsupported("《劳动合同法》第四十四条", evidence)).toEqual(["《劳动合同法》第四十四条"]);
    expect(unsupported("劳动合同法第四十四条", evidence)).toEqual(["《劳动合同法》第四十四条"]);
    expect(unsupported("《工会法》第四十四条", evidence)).toContain("《工会法》");
    expect(unsupported("第四十五条", evidence)).toEqual(["第四十五条"]);
  });

  it("checks an article that stands twice with each of its laws", () => {
    const evidence = passage("《劳动法》第三条、《工会法》第四条");
    expect(unsupported("《劳动法》第三条，《工会法》第三条", evidence)).toEqual(["《工会法》第三条"]);
  });

  it("knows a law by its full and its short name, and no other law by it", () => {
    const full = "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）";
    const evidence = passage(`《${full}》第五十三条，《中华人民共和国劳动合同法》第八十二条`);
    expect(unsupported("《劳动争议司法解释（一）》第五十三条", evidence)).toEqual([]);
    expect(unsupported("《审理劳动争议案件解释（一）》第五十三条", evidence)).toEqual([]);
    expect(unsupported("《劳动合同法》第八十二条", evidence)).toEqual([]);
    expect(unsupported("《工会法》第三条", passage("《工会法（2021年修正）》第三条"))).toEqual([]);
    expect(unsupported("《劳动争议司法解释（二）》第五十三条", evidence)).not.toEqual([]);
    expect(unsupported("《合同法》第八十二条", evidence)).not.toEqual([]);
    expect(unsupported("《劳动法》第八十二条", evidence)).not.toEqual([]);
    expect(unsupported("《劳动合同法实施条例》第八十二条", evidence)).not.toEqual([]);
    expect(unsupported("《民法典》第八十二条", evidence)).not.toEqual([]);
  });

  it("does not let an old judicial interpretation pass for the one that replaced it", () => {
    const old = passage("《最高人民法院关于审理劳动争议案件适用法律若干问题的解释（二）》第三条");
    expect(unsupported("《劳动争议司法解释（二）》第三条", old)).not.toEqual([]);
  });

  it("knows a name without 《》 by its ends", () => {
    expect(unsupported("《劳动法》", passage("按照劳动法，单位要付工资"))).toEqual([]);
    expect(unsupported("《劳动法》", passage("劳动法律监督"))).toEqual(["《劳动法》"]);
    expect(unsupported("《合同法》", passage("劳动合同法"))).toEqual(["《合同法》"]);
  });

  it("lets a paragraph stand only where the article has it", async () => {
    const law = [
      "第一条 为了保护。",
      "第二条 第一句。\n\n有下列情形的：\n\n（一）甲；\n\n（二）乙。",
      "第三条 完。",
    ];
    const passages = await passagesFrom("甲法(2020-01-01).md", `# 甲法\n\n${law.join("\n\n")}\n`);
    const article = passages.find(({ chunk }) => chunk.label === "第二条") as IndexedChunk;
    const evidence = passageEvidence(article, "1");
    expect(unsupported("《甲法》第二条第二款第（二）项", evidence)).toEqual([]);
    expect(unsupported("《甲法》第二条第二项", evidence)).toEqual([]);
    expect(unsupported("《甲法》第二条第三款", evidence)).not.toEqual([]);
    expect(unsupported("《甲法》第二条第三项", evidence)).not.toEqual([]);
  });

  it("lets the contact's words bear out what they told of themselves and nothing else", () => {
    const question = contact("我月薪8000元，干了5年，公司要赔我5倍吧，第999条是不是30天内申请，打 99999");
    expect(unsupported("您说月薪8000元", question)).toEqual([]);
    expect(unsupported("您工作了5年", question)).toEqual([]);
    expect(unsupported("公司要赔您8000元", question)).not.toEqual([]);
    expect(unsupported("您说5倍", question)).not.toEqual([]);
    expect(unsupported("您要在30天内申请", question)).not.toEqual([]);
    expect(unsupported("您说的《劳动合同法》第999条", question)).not.toEqual([]);
    expect(unsupported("您问的 99999", question)).not.toEqual([]);
    expect(unsupported("您说的《工人保护法》", contact("《工人保护法》怎么说"))).toEqual(["《工人保护法》"]);
    expect(unsupported("您说的《离职协议》", contact("我签了《离职协议》"))).toEqual([]);
  });

  it("takes parts of a date from the date, and no date from its parts", () => {
    const date = passage("2023年12月25日起施行");
    for (const part of ["2023年", "2023年12月", "12月25日", "2023-12-25"])
      expect(unsupported(part, date), part).toEqual([]);
    expect(unsupported("2023年12月25日", passage("2023年，12月25日"))).not.toEqual([]);
  });

  it("does not take a hotline from an amount", () => {
    expect(unsupported("打 120", passage("补贴120元"))).not.toEqual([]);
    expect(unsupported("打 12351", passage("工会 12351"))).toEqual([]);
  });
});

/** Sentences as a reader cuts them, by code that shares nothing with the one under test. */
const sentencesOf = (text: string) =>
  text.split(/(?<=[。！？])|\n/u).filter((sentence) => sentence.trim() !== "");

const mutable = {
  article: /第[〇零一二三四五六七八九十百千]+条/gu,
  arabic: /(?<![\d.A-Za-z])(?<!^\s*)\d+(?:\.\d+)?/gu,
  chinese:
    /(?<![第几数周〇零一二两三四五六七八九十百千万\d]|分之)[一二三四五六七八九十百千]+(?=个月|日内|日以|年以|年内|倍|元|周岁|小时|级|天)/gu,
  share: /(?<=百分之)[一二三四五六七八九十百]+/gu,
};

/** Every number of a text, in any form, with what it equals in other units: 1年 is 12个月, 2倍 is 200%. */
function numbersIn(text: string): Set<number> {
  const found = text.match(/\d+(?:\.\d+)?|[〇零一二两三四五六七八九十百千万半]+/gu) ?? [];
  const values = found.flatMap((number) => numberOf(number) ?? []);
  return new Set(
    values.flatMap((value) => [
      value,
      value * 12,
      value / 12,
      value * 100,
      value / 100,
      value * 60,
      value / 60,
    ]),
  );
}

describe("the claims of the shipped guides", () => {
  let passages: { evidence: Evidence; sentences: string[] }[] = [];

  beforeAll(async () => {
    passages = (await guidePassages()).map((found) => ({
      evidence: passageEvidence(found, "1"),
      sentences: sentencesOf(found.chunk.text),
    }));
  });

  it("are borne out by the passage in which they stand, sentence by sentence", () => {
    const faults = passages.flatMap(({ evidence, sentences }) =>
      sentences.flatMap((sentence) =>
        unsupported(sentence, evidence).map((claim) => `${claim} in ${sentence}`),
      ),
    );
    expect(passages.length).toBeGreaterThan(500);
    expect(faults).toEqual([]);
  });

  it("are refused one and all once a number, amount, share or article is another one", () => {
    const random = linearRandom(20_261_121);
    const missed: string[] = [];
    const counts: Record<string, number> = {};
    for (const { evidence, sentences } of passages) {
      const known = numbersIn(evidence.text);
      for (const sentence of sentences) {
        for (const [kind, pattern] of Object.entries(mutable)) {
          for (const match of sentence.matchAll(pattern)) {
            const value = anotherNumber(random, known);
            const other =
              kind === "article" ? formatArticleLabel(value) : formatArticleLabel(value).slice(1, -1);
            const end = match.index + match[0].length;
            const mutated = `${sentence.slice(0, match.index)}${kind === "arabic" ? value : other}${sentence.slice(end)}`;
            counts[kind] = (counts[kind] ?? 0) + 1;
            if (unsupported(mutated, evidence).length === 0)
              missed.push(`${match[0]} → ${value}: ${mutated}`);
          }
        }
      }
    }
    expect(missed).toEqual([]);
    expect(counts.article).toBeGreaterThan(500);
    expect(counts.arabic).toBeGreaterThan(1_000);
    expect(counts.chinese).toBeGreaterThan(20);
  });
});

it("a text made of a passage's own sentences is always borne out by it, and one with another digit is not", async () => {
  const evidence = (await passagesFrom("a.md", doubleWageGuide)).map((found, index) =>
    passageEvidence(found, String(index + 1)),
  );
  const sentences = (await passagesFrom("a.md", doubleWageGuide)).flatMap(({ chunk }) =>
    sentencesOf(chunk.text),
  );
  const known = numbersIn(evidence.map(({ text }) => text).join("\n"));
  fc.assert(
    fc.property(
      fc.shuffledSubarray(sentences, { minLength: 1 }),
      fc.integer({ min: 3, max: 9_998 }).filter((value) => !known.has(value)),
      (chosen, value) => {
        expect(unsupported(chosen.join(""), ...evidence)).toEqual([]);
        const mutated = chosen.map((sentence) =>
          sentence.replace(/第[一二三四五六七八九十百]+条|\d{2,}/u, (found) =>
            found.startsWith("第") ? formatArticleLabel(value) : String(value),
          ),
        );
        if (mutated.join("") !== chosen.join(""))
          expect(unsupported(mutated.join(""), ...evidence)).not.toEqual([]);
      },
    ),
  );
});

function linearRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

function anotherNumber(random: (below: number) => number, known: ReadonlySet<number>): number {
  for (;;) {
    const value = 3 + random(97);
    const equal = [value, value * 12, value / 12, value * 100, value / 100, value * 60, value / 60];
    if (!equal.some((number) => known.has(number))) return value;
  }
}
