import { describe, expect, it } from "vitest";
import type { Citation } from "../../../../src/pages/chat/api-types.ts";
import { foldDetails } from "../../../../src/pages/chat/fold-details.ts";
import { parseText } from "../../../../src/pages/chat/parse-text.ts";

const citation = (index: number, document = "二倍工资"): Citation => ({
  index,
  chunkId: `c${index}`,
  document,
  section: "规定",
  source: "《劳动合同法》第八十二条（2012-12-28）",
  quote: "",
});

function fold(text: string, citations: readonly Citation[] = [1, 2, 3, 4].map((index) => citation(index))) {
  return foldDetails(
    parseText(text, { citations: new Set(citations.map(({ index }) => index)), phones: [] }),
    citations,
  );
}

describe("the parts of an answer", () => {
  it("show conclusion and steps and fold the cited grounds", () => {
    const parts = fold(
      "要付二倍工资。[1]\n\n依据和细节：\n· 《劳动合同法》第八十二条规定，每月付二倍。[2]\n\n怎么办：\n1. 收好证据[3]\n\n需要人帮您，回复“人工”。",
    );
    expect(parts.map((part) => (part.kind === "shown" ? part.block.kind : part.head))).toEqual([
      "paragraph",
      "依据和细节",
      "head",
      "steps",
      "paragraph",
    ]);
    expect(parts.map((part) => part.kind === "shown" && part.isConclusion)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
  });

  it("name on the folded line each law once with the articles that are inside", () => {
    const [, folded] = fold(
      "结论[1]\n\n依据：\n· 《劳动合同法》第十条、第八十二条说的[2]\n· 《劳动合同法实施条例》第六条[3]\n· 又见《劳动合同法》第八十二条、第十四条[4]",
    );
    expect(folded).toMatchObject({
      kind: "folded",
      summary: "《劳动合同法》第十条、第八十二条、第十四条；《劳动合同法实施条例》第六条",
    });
  });

  it("name on the folded line the other matters that are inside", () => {
    const citations = [citation(1), citation(2, "违法辞退"), citation(3, "试用期")];
    const [, folded] = fold(
      "结论[1]\n\n也可能您想问的是：\n· 违法辞退：要两倍[2]\n· 试用期：最多6个月[3]",
      citations,
    );
    expect(folded).toMatchObject({ summary: "违法辞退；试用期" });
  });

  it("stay in sight where a list cites nothing: hotlines and what to do in danger are never folded", () => {
    for (const text of [
      "没有查到。\n\n您可以这样做：\n· 换个说法再问\n· 打 12351",
      "结论[1]\n\n注意：\n· 有出处[2]\n· 没有出处",
    ]) {
      expect(fold(text).every(({ kind }) => kind === "shown")).toBe(true);
    }
  });

  it("have no conclusion of their own where nothing is below it", () => {
    expect(fold("只有一段话。[1]")).toMatchObject([{ kind: "shown", isConclusion: false }]);
  });
});
