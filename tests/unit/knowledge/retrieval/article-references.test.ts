import { describe, expect, it } from "vitest";
import {
  articleReferences,
  namedTitles,
  shortTitle,
} from "../../../../src/knowledge/retrieval/article-references.ts";

describe("articles that a text names", () => {
  it.each([
    ["第八十二条 二倍工资", ["第八十二条"]],
    ["劳动合同法82条怎么说", ["第八十二条"]],
    ["第82条和第 ８２条", ["第八十二条"]],
    ["第一百二十条之一", ["第一百二十条之一"]],
    ["第三条、第五条", ["第三条", "第五条"]],
    ["一条龙服务", ["第一条"]],
    ["没有条款", []],
    ["第99999条", []],
    ["第条", []],
    ["", []],
  ])("%s: %j", (text, labels) => {
    expect(articleReferences(text.normalize("NFKC"))).toEqual(labels);
  });
});

describe("laws that a text names", () => {
  const titles = [
    "劳动合同法",
    "劳动合同法实施条例",
    "中华人民共和国工会法",
    "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）",
    "中华人民共和国",
    "",
  ];
  it.each([
    ["劳动合同法第八十二条", ["劳动合同法"]],
    ["《劳动合同法实施条例》第六条", ["劳动合同法实施条例"]],
    ["工会法怎么说", ["中华人民共和国工会法"]],
    ["中华人民共和国工会法", ["中华人民共和国工会法"]],
    ["最高人民法院关于审理劳动争议案件适用法律问题的解释(一)第三条", [titles[3]]],
    ["工资", []],
  ])("%s: %j", (text, named) => {
    expect([...namedTitles(text, titles)]).toEqual(named);
  });

  it("go by the name that people say", () => {
    expect(shortTitle("中华人民共和国工会法")).toBe("工会法");
  });
});
