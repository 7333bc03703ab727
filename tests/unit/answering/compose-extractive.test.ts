import { beforeAll, describe, expect, it } from "vitest";
import { checkClaims } from "../../../src/answering/check-claims.ts";
import { composeExtractive } from "../../../src/answering/compose-extractive.ts";
import { passageEvidence } from "../../../src/answering/passage-evidence.ts";
import { selectSupport } from "../../../src/answering/select-passages.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { doubleWageGuide, guidePassages, passagesFrom } from "../../support/passages.ts";
import { lawText, scored } from "../../support/scored-passages.ts";

let guide: IndexedChunk[];
let law: IndexedChunk[];
let shipped: IndexedChunk[];

beforeAll(async () => {
  guide = await passagesFrom("guide.md", doubleWageGuide);
  law = await passagesFrom("中华人民共和国测试劳动法.txt", lawText);
  shipped = await guidePassages();
});

const among = (passages: readonly IndexedChunk[]) => (documentId: string) =>
  passages.filter(({ document }) => document.id === documentId);
const compose = (hits: readonly IndexedChunk[], scores?: readonly number[]) =>
  composeExtractive(selectSupport(scored(hits, scores)), among([...guide, ...law, ...shipped]));
const documents = () => [...new Set(shipped.map(({ document }) => document.id))];

describe("an answer in the passages' own words", () => {
  it("begins with the guide's conclusion, then the grounds, then the steps, each with its source", () => {
    const { text, citations } = compose(guide);
    const lines = text.split("\n");
    expect(lines[0]).toBe("单位超过一个月没跟您签书面合同，每月要付二倍工资，最多算11个月。[1]");
    expect(lines).toContain("依据和细节：");
    expect(lines[lines.indexOf("依据和细节：") + 1]).toMatch(/^· 二倍工资：.*第八十二条.*\[2\]$/u);
    expect(lines[lines.indexOf("接下来可以这样做：") + 1]).toMatch(/^1\. 收集.*\[\d\]$/u);
    expect(citations.map(({ index }) => index)).toEqual(citations.map((_, index) => index + 1));
  });

  it("puts the rule that bears out the conclusion first, also where another fits the question better", () => {
    const timeLimit = guide.filter(({ chunk }) => chunk.text.includes("仲裁时效："));
    const { text } = compose([...timeLimit, ...guide.slice(0, 1)], [3, 1]);
    expect(text.indexOf("第八十二条")).toBeGreaterThan(0);
    expect(text.indexOf("第八十二条")).toBeLessThan(text.indexOf("第二十七条"));
  });

  it("quotes a law with its name where no guide was found", () => {
    const article = law.filter(({ chunk }) => chunk.label === "第二条");
    expect(article).toHaveLength(1);
    const { text, citations } = compose(article);
    expect(text).toMatch(/^《.*测试劳动法》第二条.*支付工资。\[1\]$/u);
    expect(citations).toHaveLength(1);
  });

  it("cuts a long passage at the end of a sentence, or says that it goes on", () => {
    const [passage] = law as [IndexedChunk];
    const long = (text: string) =>
      compose([{ ...passage, chunk: { ...passage.chunk, text } }]).text.replace(/^(?:《.*?》|.*?：)/u, "");
    expect(long(`${"甲".repeat(200)}。${"乙".repeat(200)}`)).toBe(`${"甲".repeat(200)}。[1]`);
    expect(long("丙".repeat(400))).toBe(`${"丙".repeat(260)}……[1]`);
  });

  it("names another guide that fits nearly as well, and none that fits badly", () => {
    const other = shipped.filter(({ document }) => document.title !== shipped[0]?.document.title)[0];
    const close = compose([guide[0], other] as IndexedChunk[], [1, 0.98]);
    expect(close.text).toContain("也可能您想问的是：");
    expect(close.text).toContain(`· ${other?.document.title}：`);
    expect(compose([guide[0], other] as IndexedChunk[], [1, 0.1]).text).not.toContain("也可能");
  });

  it("says of every shipped guide only what its cited passages bear out", () => {
    for (const id of documents()) {
      const { text, passages } = compose(among(shipped)(id));
      const evidence = passages.map((passage, index) => passageEvidence(passage, String(index + 1)));
      expect(checkClaims(text, evidence).unsupported, id).toEqual([]);
    }
  });
});

describe("a rule for the whole country and one for a place", () => {
  const rule = (title: string, yuan: number) =>
    passagesFrom(
      `${title}.md`,
      `# ${title}\n\n第一条 为了办好食堂，制定本办法。\n\n第二条 食堂每餐收取的伙食费不超过${yuan}元。\n\n第三条 账目每季度公布。\n`,
    );
  const second = (passages: readonly IndexedChunk[]) =>
    passages.filter(({ chunk }) => chunk.label === "第二条");
  const documentsOf = ({ citations }: ReturnType<typeof compose>) =>
    citations.map(({ document }) => document);

  it("are both quoted, the place's first, whichever fits better", async () => {
    const national = second(await rule("职工食堂办法", 15));
    const local = second(await rule("重庆市职工食堂办法", 12));
    for (const hits of [
      [...national, ...local],
      [...local, ...national],
    ])
      expect(documentsOf(compose(hits, [3, 1]))).toEqual(["重庆市职工食堂办法", "职工食堂办法"]);
  });

  it("are quoted once where they say the same, to the figure", async () => {
    const national = second(await rule("职工食堂办法", 12));
    const local = second(await rule("重庆市职工食堂办法", 12));
    expect(documentsOf(compose([...national, ...local]))).toEqual(["重庆市职工食堂办法"]);
  });

  it("stand beside a guide to the same matter: the place's before it, the whole country's after", async () => {
    const local = second(await rule("重庆市职工食堂办法", 12));
    const { text } = compose([...guide, ...local], [2, 1.9, 1.8, 1.7, 2.6]);
    expect(text).toMatch(
      /^重庆的规定：\n《重庆市职工食堂办法》第二条.*12元。\[1\]\n\n全国的规定：\n单位超过一个月/u,
    );
    const here = guide.map(({ chunk, document }) => ({ chunk, document: { ...document, region: "重庆" } }));
    const national = second(await rule("职工食堂办法", 15));
    const after = compose([...here, ...national], [2, 1.9, 1.8, 1.7, 2.6]).text;
    expect(after).toMatch(/^单位超过一个月/u);
    expect(after).toMatch(/\n\n全国的规定：\n《职工食堂办法》第二条.*15元。/u);
  });

  it("leaves a rule on another matter out", async () => {
    const local = second(await rule("重庆市职工食堂办法", 12));
    expect(documentsOf(compose([...guide, ...local], [2, 1.9, 1.8, 1.7, 0.2]))).not.toContain(
      "重庆市职工食堂办法",
    );
  });
});
