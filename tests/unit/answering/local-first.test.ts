import { describe, expect, it } from "vitest";
import { selectSupport } from "../../../src/answering/select-passages.ts";
import { documentOf } from "../../support/knowledge-tools.ts";
import { scored } from "../../support/scored-passages.ts";

const passage = (title: string, region: string) => {
  const { document, chunks } = documentOf(title, ["文"], { region });
  return chunks.map((chunk) => ({ chunk, document }));
};
const titles = (...guides: [string, string, number][]) =>
  selectSupport(
    scored(
      guides.flatMap(([title, region]) => passage(title, region)),
      guides.map(([, , score]) => score),
    ),
  ).map(({ document }) => document.title);

describe("of two guides to one matter", () => {
  it("that of the place stands first where it fits nearly as well", () => {
    expect(titles(["女职工产假天数", "全国", 2], ["女职工产假天数（重庆）", "重庆", 1.9])).toEqual([
      "女职工产假天数（重庆）",
      "女职工产假天数",
    ]);
  });

  it("that of the whole country stands first where the other fits badly, or is about something else", () => {
    expect(titles(["女职工产假天数", "全国", 2], ["女职工产假天数（重庆）", "重庆", 1])[0]).toBe(
      "女职工产假天数",
    );
    expect(titles(["女职工产假天数", "全国", 2], ["高温津贴多少钱", "重庆", 1.9])[0]).toBe("女职工产假天数");
  });
});
