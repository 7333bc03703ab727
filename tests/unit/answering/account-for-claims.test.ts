import { beforeAll, describe, expect, it } from "vitest";
import { accountForClaims } from "../../../src/answering/account-for-claims.ts";
import { Citations } from "../../../src/answering/citations.ts";
import type { Draft } from "../../../src/answering/compose-extractive.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";

let draft: Draft;
const own = {
  message: "我工作了3年",
  hotlines: [{ number: "12348", name: "公共法律服务热线" }],
};

beforeAll(async () => {
  const citations = new Citations();
  const passages = await passagesFrom("a.md", doubleWageGuide);
  const marks = passages.map((passage) => citations.cite(passage));
  draft = {
    text: `每月要付二倍工资，最多算11个月。${marks[0]}`,
    citations: citations.list,
    passages: citations.passages,
  };
});

const account = (text: string, withDraft = true) =>
  accountForClaims({ state: "grounded", text, handOver: "none", ...(withDraft ? { draft } : {}) }, own);

describe("accountForClaims", () => {
  it("records for every claim the passage, the hotline or the contact's words that bear it out", () => {
    const { text, provenance } = account(`${draft.text}\n您说您工作了3年。\n可以打 12348。`);
    expect(text).toContain("12348");
    const origins = new Map(provenance.map(({ claim, origin }) => [claim, origin]));
    expect([...origins.values()]).toEqual(expect.arrayContaining(["passage", "local", "contact"]));
    for (const { origin, reference } of provenance)
      if (origin === "passage") expect(Number(reference)).toBeLessThanOrEqual(draft.citations.length);
  });

  it("takes out a line whose claim stands nowhere, and keeps the rest", () => {
    const { text } = account(`${draft.text}\n另外再付 98765 元。\n可以打 12348。`);
    expect(text).toBe(`${draft.text}\n可以打 12348。`);
  });

  it("records nothing for a claim of the own wording that no evidence has", () => {
    expect(account("每月要付二倍工资，最多算11个月。", false).provenance).toEqual([]);
  });

  it("cites what the draft cites, and nothing without one", () => {
    expect(account(draft.text).citations).toEqual(draft.citations);
    expect(account("您好。", false)).toMatchObject({ text: "您好。", citations: [], provenance: [] });
  });

  it("keeps the federation's own wording about children at work", () => {
    const line = "让未满16周岁的孩子干活是法律不允许的。";
    expect(account(line, false)).toMatchObject({ text: line, provenance: [{ origin: "system" }] });
  });
});
