import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskPersonalNumbers } from "../../../src/answering/mask-personal-numbers.ts";

describe("maskPersonalNumbers", () => {
  it.each([
    ["我的身份证500101199001011234", "我的身份证〔身份证号〕"],
    ["500101 19900101 123X", "〔身份证号〕"],
    ["５００１０１１９９００１０１１２３４", "〔身份证号〕"],
    ["电话13800138000，打给我", "电话〔手机号〕,打给我"],
    ["+86 138-0013-8000", "〔手机号〕"],
    ["卡号6222 0212 3456 7890 123", "卡号〔银行卡号〕"],
    ["卡号6222021234567890", "卡号〔银行卡号〕"],
  ])("replaces the number in %s", (text, masked) => {
    expect(maskPersonalNumbers(text)).toBe(masked);
  });

  it("leaves hotlines, amounts, dates and article numbers alone", () => {
    const text = "打 12351 或 023-63881234,2023年12月25日欠我 15000 元,第八十二条,人社厅函〔2009〕149号";
    expect(maskPersonalNumbers(text)).toBe(text);
  });

  it("lets no mobile number through, wherever it stands", () => {
    const mobile = fc.stringMatching(/^1[3-9]\d{9}$/u);
    const around = fc.stringMatching(/^[\u4e00-\u9fa5，。a-z]{0,10}$/u);
    fc.assert(
      fc.property(around, mobile, around, (before, number, after) => {
        expect(maskPersonalNumbers(`${before}${number}${after}`)).not.toContain(number);
      }),
    );
  });
});
