import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { checkGolden } from "../../../scripts/check-knowledge/check-golden.ts";
import { checkGuide, checkQuestions, unbackedLead } from "../../../scripts/check-knowledge/check-guides.ts";
import { checkInForce } from "../../../scripts/check-knowledge/check-sources.ts";
import type { Guide } from "../../../scripts/check-knowledge/read-guides.ts";
import { LawRegister } from "../../../src/knowledge/documents/law-register.ts";

const hotlines = new Set(["12351", "12333"]);
const lead = "不签书面合同，单位要付二倍工资。可以打 12333 问。";
const rest = "\n\n## 规定\n- 《劳动合同法》第八十二条：每月付二倍工资。\n\n## 怎么办\n1. 打 12351。\n";

function guide(change: { path?: string; body?: string; questions?: string[]; law?: string } = {}): Guide {
  return {
    path: change.path ?? "work/double-wage.md",
    body: change.body ?? `${lead}${rest}`,
    frontMatter: {
      id: "double-wage",
      title: "没签合同的二倍工资",
      topic: "work",
      region: "全国",
      audience: ["职工"],
      source: [{ law: change.law ?? "劳动合同法", articles: ["第八十二条"], date: "2012-12-28" }],
      verified: "2026-11-21",
      questions: change.questions ?? ["一", "二", "三", "四", "五", "六"].map((n) => `第${n}个问题`),
    },
  };
}

const faultsOf = (given: Guide) => checkGuide(given, hotlines).map(({ what }) => what);

describe("the check of a guide", () => {
  it("finds nothing in a guide that is as it must be", () => {
    expect(faultsOf(guide())).toEqual([]);
  });

  it.each([
    ["another file name", guide({ path: "work/other.md" }), /id/],
    ["another folder", guide({ path: "injury/double-wage.md" }), /folder/],
    ["a long beginning", guide({ body: `一。二。三。四。${rest}` }), /4 sentences/],
    ["no beginning", guide({ body: rest.trim() }), /begin with the answer/],
    ["no next steps", guide({ body: `${lead}\n\n## 规定\n- 《劳动合同法》第八十二条。\n` }), /怎么办/],
    ["few questions", guide({ questions: ["一", "二"] }), /2 questions/],
    ["an unlisted number", guide({ body: `${lead}${rest}2. 打 12999。\n` }), /12999/],
    [
      "an article without source",
      guide({ body: `${lead}${rest}\n《劳动合同法》第四十七条也管。` }),
      /第四十七条/,
    ],
    [
      "another law's article",
      guide({ body: `${lead}${rest}\n《工会法》第八十二条也管。` }),
      /《工会法》第八十二条/,
    ],
  ])("finds %s", (_name, given, expected) => {
    expect(faultsOf(given)).toEqual([expect.stringMatching(expected)]);
  });

  it("names numbers that only the beginning says, but not its hotlines", () => {
    expect(unbackedLead(guide(), hotlines)).toEqual([]);
    expect(unbackedLead(guide({ body: `单位要付三倍工资，打 12333 问。${rest}` }), hotlines)).toEqual([
      "三倍",
    ]);
  });

  it("finds a question that two guides have, whatever its punctuation", () => {
    const other = guide({ path: "work/other.md", questions: ["没签合同,怎么办"] });
    expect(checkQuestions([guide({ questions: ["没签合同，怎么办？"] }), other])).toEqual([
      { where: "work/other.md", what: expect.stringContaining("work/double-wage.md") },
    ]);
  });

  it("finds a guide that rests on a repealed text", () => {
    const register = new LawRegister([
      { law: "信访条例", status: "repealed", until: "2022-04-30", by: "信访工作条例" },
    ]);
    expect(checkInForce([guide({ law: "信访条例" })], register, "2026-11-21")).toHaveLength(1);
    expect(checkInForce([guide()], register, "2026-11-21")).toEqual([]);
  });
});

describe("the check of golden questions", () => {
  const folder = mkdtempSync(join(tmpdir(), "niangjia-golden-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("finds a broken line, an unknown guide, a bad pattern, a double id and a guide's own question", () => {
    const line = (record: object) =>
      JSON.stringify({ question: "问", expect: "答", guide: "double-wage", ...record });
    const lines = [
      line({ id: "fine" }),
      "{",
      line({ id: "unknown", guide: "nowhere" }),
      line({ id: "pattern", expect: "(" }),
      line({ id: "fine" }),
      line({ id: "own", question: "第一个问题？" }),
      line({ id: "bare", expect: undefined }),
    ];
    writeFileSync(join(folder, "work.jsonl"), lines.join("\n"));
    const { lines: count, faults } = checkGolden(folder, [guide()]);
    expect(count).toBe(7);
    expect(faults.map(({ where }) => where)).toEqual([2, 3, 4, 5, 6, 7].map((n) => `golden/work.jsonl:${n}`));
  });
});
