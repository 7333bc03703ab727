import { describe, expect, it } from "vitest";
import { parseFrontMatter } from "../../../../src/knowledge/documents/front-matter.ts";
import { guideText } from "../../../support/knowledge-folder.ts";

const good = guideText("double-wage", "二倍工资", "满一个月不签合同，付二倍工资。");
const faultsOf = (text: string): string => {
  try {
    parseFrontMatter(text);
  } catch (error) {
    expect(error).toMatchObject({ code: "knowledge.front_matter_invalid" });
    return (error as Error).message;
  }
  return "";
};

describe("front matter", () => {
  it("is read and taken off the body, and a blank date counts as none", () => {
    const { frontMatter, body } = parseFrontMatter(good);
    expect(frontMatter).toMatchObject({
      id: "double-wage",
      title: "二倍工资",
      questions: ["二倍工资怎么办"],
    });
    expect(frontMatter?.repealed).toBeUndefined();
    expect(body).toBe("# 二倍工资\n\n满一个月不签合同，付二倍工资。\n");
  });

  it("is optional: a text without it is all body", () => {
    expect(parseFrontMatter("# 标题\n正文")).toEqual({ frontMatter: undefined, body: "# 标题\n正文" });
    expect(parseFrontMatter("---\n\n正文上面是一条横线").frontMatter).toBeUndefined();
  });

  it("names every fault at once, by its field and in Chinese", () => {
    const faults = faultsOf(
      good
        .replace("id: double-wage", "id: Double Wage")
        .replace("verified: 2026-11-21", "verified: 昨天")
        .replace("topic: work\n", "")
        .replace("articles: [第八十二条]", "articles: [82]")
        .replace("region: 全国", "region: 全国\nregions: 全国"),
    );
    for (const field of ["id:", "verified:", "topic:", "source.0.articles.0:", "regions"])
      expect(faults).toContain(field);
    expect(faults).not.toMatch(/must|invalid|expected|required|unrecognized/iu);
    expect(faults).not.toContain("没有这一天");
  });

  it.each([
    ["2026-02-30", "没有这一天"],
    ["2026-13-01", "没有这一天"],
    ["2026-1-1", "要写成 2026-11-21 这样的日期"],
  ])("refuses %s as a day", (day, reason) => {
    expect(faultsOf(good.replace("verified: 2026-11-21", `verified: ${day}`))).toContain(
      `verified: ${reason}`,
    );
  });

  it.each(["2023", "2023-12", "2023-12-25"])("takes %s as the date of a source", (date) => {
    expect(faultsOf(good.replace("date: 2012-12-28", `date: ${date}`))).toBe("");
  });

  it("says what is missing in a source, not only that it is wrong", () => {
    expect(faultsOf(good.replace("    date: 2012-12-28\n", ""))).toContain("source.0.date");
    expect(faultsOf(good.replace(/source:[\s\S]*?effective/u, "source: []\neffective"))).toContain("source:");
  });

  it.each([
    ["broken YAML", good.replace("title: 二倍工资", "title: “二倍: [工资"), "行附近"],
    ["a list instead of fields", "---\n- a\n---\n正文", "整份内容"],
    ["nothing between its lines", "---\n---\n正文", "整份内容"],
    ["no closing line", good.replace("---\n# ", "# "), "没有结尾"],
  ])("is refused with the reason: %s", (_, text, reason) => {
    expect(faultsOf(text)).toContain(reason);
  });

  it("takes a question that YAML reads as a number for words", () => {
    const text = good.replace("questions:", "questions:\n  - 996");
    expect(parseFrontMatter(text).frontMatter?.questions[0]).toBe("996");
  });

  it("may end the file and have blanks behind its lines", () => {
    const [head] = good.split("# 二倍");
    expect(parseFrontMatter((head as string).trimEnd().replace("---\n", "--- \n")).body).toBe("");
  });
});
