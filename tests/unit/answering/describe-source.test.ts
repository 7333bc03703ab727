import { beforeAll, describe, expect, it } from "vitest";
import { describeSource } from "../../../src/answering/describe-source.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";

let passage: IndexedChunk;

beforeAll(async () => {
  [passage] = (await passagesFrom("a.md", doubleWageGuide)) as [IndexedChunk];
});

const describeText = (text: string, document: Partial<IndexedChunk["document"]> = {}) =>
  describeSource({ ...passage.document, ...document }, { ...passage.chunk, text });

describe("describeSource", () => {
  const twoLaws = [
    { law: "劳动合同法", articles: ["第十条", "第八十二条"], date: "2012-12-28" },
    { law: "劳动争议调解仲裁法", articles: ["第二十七条"], date: "2007-12-29" },
  ];

  it("names all sources of a guide for a passage that names none", () => {
    expect(describeText("每月付二倍工资。", { sources: twoLaws })).toBe(
      "《劳动合同法》第十条、第八十二条（2012-12-28）；《劳动争议调解仲裁法》第二十七条（2007-12-29）",
    );
  });

  it("names only the law and the articles that the passage itself names", () => {
    expect(describeText("《劳动合同法》第八十二条规定，付二倍。", { sources: twoLaws })).toBe(
      "《劳动合同法》第八十二条（2012-12-28）",
    );
    expect(describeText("《劳动合同法》说过。", { sources: twoLaws })).toBe(
      "《劳动合同法》第十条、第八十二条（2012-12-28）",
    );
  });

  it("names a report with publisher and date, and a rule with its number", () => {
    const sources = [
      { report: "2024年工作报告", publisher: "重庆市总工会", date: "2025-01" },
      { law: "司法解释（二）", number: "法释〔2025〕12号", articles: ["第六条"], date: "2025-09-01" },
    ];
    expect(describeText("帮了很多人。", { sources })).toBe(
      "《2024年工作报告》重庆市总工会（2025-01）；《司法解释（二）》法释〔2025〕12号第六条（2025-09-01）",
    );
  });

  it("names a law by its short title, its article and its date; a missing date leaves no bracket", () => {
    const law = { kind: "law" as const, title: "中华人民共和国劳动合同法" };
    const chunk = { ...passage.chunk, label: "第八十二条" };
    expect(describeSource({ ...passage.document, ...law, published: "2012-12-28" }, chunk)).toBe(
      "《劳动合同法》第八十二条（2012-12-28）",
    );
    expect(describeText("前言", { ...law, published: "" })).toBe("《劳动合同法》");
  });

  it("names the end of a law that has one, and of a historical one only that it has", () => {
    const law = { kind: "law" as const, title: "信访条例", published: "2005-01-10" };
    const chunk = { ...passage.chunk, label: "第三条" };
    expect(describeSource({ ...passage.document, ...law, repealed: "2022-05-01" }, chunk)).toBe(
      "《信访条例》第三条（2005-01-10）（2022-05-01起失效）",
    );
    expect(describeSource({ ...passage.document, ...law, repealed: "1949-10-01" }, chunk)).toBe(
      "《信访条例》第三条（2005-01-10）（已不适用）",
    );
  });
});
