import { describe, expect, it } from "vitest";
import { lawsNamedIn } from "../../../../../src/knowledge/retrieval/query/named-laws.ts";

const second = "最高人民法院关于审理劳动争议案件适用法律问题的解释（二）";

describe("laws that a question names", () => {
  it.each([
    ["劳合法82条", ["劳动合同法"]],
    ["《劳动合同法》怎么说", ["劳动合同法"]],
    ["中华人民共和国工会法", ["工会法"]],
    ["劳动合同法实施条例第六条", ["劳动合同法实施条例"]],
    ["劳动合同法和劳动法", ["劳动合同法", "劳动法"]],
    ["工伤条例和社保法", ["工伤保险条例", "社会保险法"]],
    ["新司法解释二", [second]],
    ["新解释（二）第十九条", [second]],
    ["新解释(二)", [second]],
    [second, [second]],
    ["农民工条例", ["保障农民工工资支付条例"]],
    ["女工规定", ["女职工劳动保护特别规定"]],
    ["带薪年假条例", ["职工带薪年休假条例"]],
  ])("%s: %j", (text, laws) => {
    expect(lawsNamedIn(text)).toEqual(laws);
  });

  it.each(["婚姻法司法解释二", "懂劳动法律的人", "公司法人代表", "公司法务", "工资", ""])(
    "%s names none",
    (text) => {
      expect(lawsNamedIn(text)).toEqual([]);
    },
  );
});
