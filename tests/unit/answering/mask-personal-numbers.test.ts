import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { maskPersonalNumbers } from "../../../src/answering/mask-personal-numbers.ts";

const identity = "〔身份证号〕";
const phone = "〔手机号〕";
const card = "〔银行卡号〕";

describe("maskPersonalNumbers", () => {
  it.each([
    ["我的身份证500101199001011234", `我的身份证${identity}`],
    ["500101 19900101 123X", identity],
    ["50010119900101123x，男", `${identity}，男`],
    ["５００１０１１９９００１０１１２３４", identity],
    ["老身份证500101900101123", `老身份证${identity}`],
    ["500101 900101 123", identity],
    ["5 0 0 1 0 1 1 9 9 0 0 1 0 1 1 2 3 4", identity],
    ["电话13800138000，打给我", `电话${phone}，打给我`],
    ["电话：１３８００１３８０００（微信同号）", `电话：${phone}（微信同号）`],
    ["+86 138-0013-8000", phone],
    ["008613800138000", phone],
    ["0086 138 0013 8000", phone],
    ["(86)13800138000", phone],
    ["8613800138000", phone],
    ["138.0013.8000", phone],
    ["138—0013—8000", phone],
    ["1380013 8000", phone],
    ["1380 0138 000", phone],
    ["1 3 8 0 0 1 3 8 0 0 0", phone],
    ["1-3-8-0-0-1-3-8-0-0-0", phone],
    ["微信abc13800138000def", `微信abc${phone}def`],
    ["幺三八零零幺三八零零零", phone],
    ["一三八〇〇一三八〇〇〇", phone],
    ["1️⃣3️⃣8️⃣0️⃣0️⃣1️⃣3️⃣8️⃣0️⃣0️⃣0️⃣", phone],
    ["138\u200b0013\u200b8000", phone],
    ["卡号6222 0212 3456 7890 123", `卡号${card}`],
    ["卡号6222021234567890", `卡号${card}`],
    ["6222-0212-3456-7890", card],
    ["6 2 2 2 0 2 1 2 3 4 5 6 7 8 9 0", card],
    ["打我卡上622202 1234567890123尾号0123", `打我卡上${card}尾号0123`],
    ["账号020260012345", "账号〔号码〕"],
    ["他13800138000,我13900139000", `他${phone},我${phone}`],
  ])("replaces the number in %s", (text, masked) => {
    expect(maskPersonalNumbers(text)).toBe(masked);
  });

  it.each([
    "打 12351 或 023-63881234,2023年12月25日欠我 15000 元,第八十二条,人社厅函〔2009〕149号",
    "全角的标点，也留着：１５０００元（税后）",
    "2024.01.15 2024.03.20",
    "2023-12-25 2024-01-15",
    "2023 2024 2025 2026",
    "工资15000.00 2300",
    "1500-2000-3000",
    "3000 3500 4000 4200 5000 5200",
    "15000 16000 17000",
    "二〇二三年十二月二十五日",
    "400-820-8820",
    "02363881234",
    "《劳动合同法》第十四条、第八十二条第二款",
    "12351、12348、12333、110、120",
  ])("leaves %s alone", (text) => {
    expect(maskPersonalNumbers(text)).toBe(text);
  });

  const words = fc
    .stringMatching(/^[\u4e00\u516c\u53f8\u6b20\u6211，。a-z]{0,6}$/u)
    .filter((text) => !text.includes("一"));
  const sign = fc.constantFrom("", " ", "-", ".", "·", "—");
  const wide = (digits: string) =>
    digits.replace(/\d/gu, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
  const asWritten = fc.constantFrom((digits: string) => digits, wide);
  /** Any digits that are left, in plain form. */
  const digitsOf = (text: string) => text.normalize("NFKC").replace(/\D/gu, "");

  it("lets no mobile number through, however it is grouped and wherever it stands", () => {
    fc.assert(
      fc.property(
        words,
        fc.stringMatching(/^1[3-9]\d{9}$/u),
        fc.constantFrom<number[][]>([3, 7], [3], [7], [], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        sign,
        fc.constantFrom("", "+86", "86", "0086", "+86 ", "0086-"),
        asWritten,
        words,
        (before, number, cuts, between, prefix, write, after) => {
          const grouped = [...number].map((digit, index) => (cuts.includes(index) ? between + digit : digit));
          const masked = maskPersonalNumbers(`${before}${write(prefix + grouped.join(""))}${after}`);
          expect(digitsOf(masked)).toBe("");
          expect(masked).toContain(phone);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("lets no identity card through", () => {
    const two = (least: number, most: number) =>
      fc.integer({ min: least, max: most }).map((value) => String(value).padStart(2, "0"));
    const birth = fc.tuple(two(0, 99), two(1, 12), two(1, 31)).map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        words,
        fc.stringMatching(/^[1-8]\d{5}$/u),
        fc.constantFrom("19", "20", ""),
        birth,
        fc.stringMatching(/^\d{3}$/u),
        fc.constantFrom("7", "X", "x"),
        sign,
        asWritten,
        (before, area, century, date, order, check, between, write) => {
          const tail = century === "" ? order : `${order}${check}`;
          const text = `${before}${write([area, `${century}${date}`, tail].join(between))}。`;
          expect(digitsOf(maskPersonalNumbers(text))).toBe("");
        },
      ),
      { numRuns: 500 },
    );
  });

  it("masks no year, sum, hotline, article or date between words", () => {
    const harmless = fc.oneof(
      fc.integer({ min: 1990, max: 2035 }).map((year) => `${year}年`),
      fc.integer({ min: 1, max: 9_999_999 }).map((sum) => `${sum}元`),
      fc.integer({ min: 1, max: 999_999 }).map((sum) => `${sum}.50元`),
      fc.constantFrom("12351", "12348", "023-63881234", "110").map((number) => `打${number}`),
      fc.integer({ min: 1, max: 120 }).map((article) => `第${article}条`),
      fc
        .tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
        .map(([m, d]) => `${m}月${d}日`),
    );
    fc.assert(
      fc.property(fc.array(harmless, { maxLength: 8 }), (parts) => {
        const text = parts.join("，");
        expect(maskPersonalNumbers(text)).toBe(text);
      }),
    );
  });

  it("reads a hundred thousand signs of any kind without getting stuck", () => {
    for (const unit of ["1 ", "13", "2000 ", "字", "６"]) {
      expect(maskPersonalNumbers(unit.repeat(100_000 / unit.length)).length).toBeGreaterThan(0);
    }
  });
});
