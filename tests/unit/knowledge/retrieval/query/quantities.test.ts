import { describe, expect, it } from "vitest";
import { amountsInOtherWriting } from "../../../../../src/knowledge/retrieval/query/quantities.ts";

describe("amounts in the other writing", () => {
  it.each([
    ["一百二十块", ["120元"]],
    ["三个月", ["3个月"]],
    ["3个月", ["三个月"]],
    ["2年", ["两年"]],
    ["12天", ["十二天"]],
    ["两年半", ["2.5年"]],
    ["3年半", ["3.5年"]],
    ["一个半月", ["1.5个月"]],
    ["半年", ["6个月"]],
    ["三千五块钱", ["3500元"]],
    ["三千零五元", ["3005元"]],
    ["两万八元", ["28000元"]],
    ["一万二千三百元", ["12300元"]],
    ["十五岁", ["15岁"]],
    ["十级", ["10级"]],
    ["陆级", ["6级", "六级"]],
    ["叁万元", ["30000元", "三万元"]],
    ["一百零五天", ["105天"]],
  ])("%s: %j", (text, amounts) => {
    expect(amountsInOtherWriting(text)).toEqual(amounts);
  });

  it.each(["第三个月", "一天到晚", "一个人", "十百元", "2015年", "1.5个月", "没有", "二三天"])(
    "%s has none",
    (text) => {
      expect(amountsInOtherWriting(text)).toEqual([]);
    },
  );
});
