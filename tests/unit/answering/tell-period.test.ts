import { beforeAll, describe, expect, it } from "vitest";
import { accountForClaims } from "../../../src/answering/account-for-claims.ts";
import type { Period } from "../../../src/answering/choose-period.ts";
import { composeExtractive } from "../../../src/answering/compose-extractive.ts";
import type { AskedScope } from "../../../src/answering/find-in-scope.ts";
import type { Support } from "../../../src/answering/select-passages.ts";
import { tellPeriod } from "../../../src/answering/tell-period.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";
import { scored } from "../../support/scored-passages.ts";

let guide: IndexedChunk[];
let law: IndexedChunk[];

const text = (yuan: number) =>
  `# 测试津贴规定\n\n第一条 为了测试，制定本规定。\n\n第二条 每月发给津贴${yuan}元。\n\n第三条 本规定自2010年2月1日起施行。\n`;

beforeAll(async () => {
  guide = await passagesFrom("guide.md", doubleWageGuide);
  const read = await passagesFrom("测试津贴规定(2010-01-01).md", text(101));
  law = read.map(({ chunk, document }) => ({ chunk, document: { ...document, repealed: "2020-01-01" } }));
});

const supportOf = (passages: readonly IndexedChunk[]): Support => ({
  document: (passages[0] as IndexedChunk).document,
  score: 2,
  coverage: 1,
  similarity: 1,
  hits: scored(passages),
});
const passagesOf = (id: string) => [...guide, ...law].filter(({ document }) => document.id === id);
const article = () => law.filter(({ chunk }) => chunk.label === "第二条");

/** What is sent, after the last gate, to a contact who wrote this. */
function sent(
  period: Omit<Period, "support">,
  main: readonly IndexedChunk[],
  asked: AskedScope,
  message: string,
) {
  const support = [supportOf(main)];
  const draft = tellPeriod(composeExtractive(support, passagesOf), { support, ...period }, asked, passagesOf);
  return accountForClaims(
    { state: "grounded", text: draft.text, handOver: "none", draft },
    { message, hotlines: [] },
  );
}

describe("the line that says which version applied", () => {
  it("is none where the same rules hold", () => {
    const support = [supportOf(guide)];
    const draft = composeExtractive(support, passagesOf);
    expect(tellPeriod(draft, { support }, { asOf: { date: "2019-12-31", told: "2019年" } }, passagesOf)).toBe(
      draft,
    );
  });

  it.each([
    ["2016年", "2016年没发津贴"],
    ["去年5月", "去年5月没发津贴"],
    ["三年前", "三年前没发津贴"],
    ["2016.5.3", "2016.5.3没发津贴"],
    ["17年12月23日", "17年12月23日没发津贴"],
    ["二〇一六年五月", "二〇一六年五月没发津贴"],
  ])("names the contact's own time %s, the text and its date, and passes the last gate", (told, message) => {
    const answer = sent({ note: "ended" }, article(), { asOf: { date: "2016-12-31", told } }, message);
    expect(answer.text.split("\n")[0]).toBe(
      `您说的事发生在${told}，当时适用的是《测试津贴规定》（2010-01-01），现在已经不再适用。[1]`,
    );
    expect(answer.text).toContain("101元");
    expect(answer.citations[0]?.source).toBe("《测试津贴规定》第二条（2010-01-01）（2020-01-01起失效）");
  });

  it("shows the rule of today below, with a citation of its own", () => {
    const { text, citations } = sent(
      { note: "ended", present: supportOf(guide) },
      article(),
      { asOf: { date: "2016-12-31", told: "2016年" } },
      "2016年没发津贴",
    );
    expect(text).toMatch(/现在的规定：\n单位超过一个月没跟您签书面合同，.*\[2\]$/u);
    expect(citations.map(({ index }) => index)).toEqual([1, 2]);
  });

  it("says that a rule of then still holds, beside a later one", () => {
    const { text } = sent(
      { note: "still", present: supportOf(guide) },
      article(),
      { asOf: { date: "2016-12-31", told: "2016年" } },
      "2016年没发津贴",
    );
    expect(text).toMatch(
      /^您说的事发生在2016年，当时适用的是《测试津贴规定》（2010-01-01），现在也还有效。\[1\]\n/u,
    );
  });

  it("answers who asked for the rules of a year, or for former ones", () => {
    const asOf = { date: "2016-12-31", told: "2016年", asks: "rule" as const };
    expect(sent({ note: "ended" }, article(), { asOf }, "2016年的规定").text).toMatch(
      /^您问的是2016年的规定，当时适用的是《测试津贴规定》/u,
    );
    const former = { date: "2026-11-22", asks: "former" as const };
    expect(sent({ note: "ended" }, article(), { asOf: former }, "以前的规定").text).toMatch(
      /^您问的是以前的规定，找到的是《测试津贴规定》（2010-01-01），现在已经不再适用。\[1\]/u,
    );
  });

  it("says that only the rules of today, or of another place, are known", () => {
    const asOf = { date: "2003-12-31", told: "2003年" };
    expect(sent({ note: "only_present" }, guide, { asOf }, "2003年没签合同").text).toMatch(
      /^您说的事发生在2003年，资料里没有查到当时的规定。下面是现在的规定，当时的可能不一样。\n\n单位超过/u,
    );
    const here = guide.map(({ chunk, document }) => ({ chunk, document: { ...document, region: "重庆" } }));
    expect(sent({ note: "other_place" }, here, { region: "四川" }, "我在成都").text).toMatch(
      /^您在四川上班，资料里没有四川的规定。下面是重庆的规定，只供参考，以当地的为准。\n\n单位超过/u,
    );
  });
});
