import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { numberOf } from "../../../src/answering/chinese-number.ts";
import { extractClaims } from "../../../src/answering/claims.ts";
import { formatArticleLabel } from "../../../src/knowledge/sections/article-number.ts";

const keys = (text: string) => extractClaims(text).map(({ key }) => key);
const articles = (text: string, ownLaw?: string) =>
  extractClaims(text, ownLaw)
    .filter(({ key }) => key.startsWith("article:"))
    .map(({ text: label, laws }) => `${laws.at(-1) ?? ""}${label}`);

describe("numberOf", () => {
  it("reads every written-out number up to 9999", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9_999 }), (value) => {
        expect(numberOf(formatArticleLabel(value).slice(1, -1))).toBe(value);
      }),
    );
  });

  it.each([
    ["5,000", 5_000],
    ["1.5万", 15_000],
    ["20余万", 200_000],
    ["二〇二三", 2_023],
    ["一百零五", 105],
    ["两万五", 25_000],
    ["三亿五千万", 350_000_000],
    ["一点五", 1.5],
    ["半", 0.5],
    ["万岁", undefined],
  ])("reads %s", (text, value) => {
    expect(numberOf(text)).toBe(value);
  });
});

describe("extractClaims", () => {
  it.each([
    [["二倍", "双倍", "两倍", "2倍", "２倍", "200%", "百分之二百"], "percent:200"],
    [["百分之五十", "50%", "二分之一", "一半", "1/2"], "percent:50"],
    [["三分之二", "2/3"], "percent:66.6667"],
    [["三十日", "30日", "30天", "三十天", "30 天"], "day:30"],
    [["一个月", "1个月"], "month:1"],
    [["半年", "6个月", "六个月"], "month:6"],
    [["十二年", "12年"], "month:144"],
    [["一年半", "18个月"], "month:18"],
    [["5000元", "五千元", "5,000元", "5千元", "0.5万元"], "yuan:5000"],
    [["20余万元", "二十万元"], "yuan:200000"],
    [["40℃", "40 摄氏度", "四十度"], "degree:40"],
    [["2023年12月25日", "2023-12-25", "2023.12.25", "二〇二三年十二月二十五日"], "date:2023-12-25"],
    [["12月25日", "十二月二十五日"], "day-of-month:12-25"],
    [["2023年", "二〇二三年"], "calendar-year:2023"],
    [["16周岁", "十六岁"], "age:16"],
    [["晚上10点", "22:00", "22时"], "clock:22:0"],
    [["2N", "赔2N"], "formula:2N"],
    [["N+1", "n+1", "N加1", "N＋１"], "formula:N+1"],
    [["打 12351", "12351"], "phone:12351"],
    [["023-63881234", "023 6388 1234"], "phone:02363881234"],
    [["人社厅函〔2009〕149号", "[2009]149号"], "document:2009-149"],
  ])("reads %j as one claim", (forms, key) => {
    for (const form of forms) expect(keys(form), form).toEqual([key]);
  });

  it.each([
    ["30日", "一个月"],
    ["7天", "一周"],
    ["24小时", "一天"],
    ["5个工作日", "5天"],
    ["3月", "3个月"],
  ])("keeps %s and %s apart", (left, right) => {
    expect(keys(left)).not.toEqual(keys(right));
  });

  it.each([
    ["3至10人", ["person:3", "person:10"]],
    ["15—30日", ["day:15", "day:30"]],
    ["1～3天", ["day:1", "day:3"]],
    ["七级至十级", ["grade:7", "grade:10"]],
    ["7—10级", ["grade:7", "grade:10"]],
    ["4/5级", ["grade:4", "grade:5"]],
    ["五六级", ["grade:5", "grade:6"]],
    ["27、25、23、21个月", ["month:27", "month:25", "month:23", "month:21"]],
  ])("takes every number of %s", (text, expected) => {
    expect(keys(text)).toEqual(expected);
  });

  it("takes names, idioms, layout and citations for no claims", () => {
    expect(
      keys(
        "一裁终局，一次性，一函两书，十件实事，五方联动，三员队伍，双闭环，一般，第一步，第三人，周六日[1][2]【3】",
      ),
    ).toEqual([]);
    expect(keys("1. 收集证据\n2、找工会\n① 投诉；（1）写申请")).toEqual([]);
  });

  it("takes a short number in brackets after a word for a claim", () => {
    expect(keys("向劳动监察投诉（8）。")).toEqual(["number:8"]);
  });

  it("gives every article to the law named for it", () => {
    expect(articles("《劳动合同法》第三十八条、第四十六条和第87条，《劳动法》第五十条")).toEqual([
      "劳动合同法第三十八条",
      "劳动合同法第四十六条",
      "劳动合同法第八十七条",
      "劳动法第五十条",
    ]);
    expect(articles("根据劳动合同法第82条和第八十三条")).toEqual([
      "劳动合同法第八十二条",
      "劳动合同法第八十三条",
    ]);
    expect(articles("《劳动合同法》实施条例第六条")).toEqual(["劳动合同法实施条例第六条"]);
    expect(articles("《年休假条例》第三条规定；第四条要求。第五条")).toEqual([
      "职工带薪年休假条例第三条",
      "职工带薪年休假条例第四条",
      "第五条",
    ]);
  });

  it("gives articles without a law to the law that the text is an extract of", () => {
    expect(articles("依照本法第四十七条和《劳动法》第三条，本法第五条", "劳动合同法")).toEqual([
      "劳动合同法第四十七条",
      "劳动法第三条",
      "劳动合同法第五条",
    ]);
  });

  it("reads lists of articles, paragraphs and items", () => {
    expect(articles("《劳动合同法》第八十二、八十七条，第四十二条第(四)项")).toEqual([
      "劳动合同法第八十二条",
      "劳动合同法第八十七条",
      "劳动合同法第四十二条第四项",
    ]);
    expect(articles("出台十条措施")).toEqual([]);
  });

  it("finds a claim each time that it stands, with the law it has there", () => {
    expect(articles("《劳动法》第三条，《工会法》第三条")).toEqual(["劳动法第三条", "工会法第三条"]);
  });

  it("never throws on any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) =>
        Array.isArray(extractClaims(text)),
      ),
    );
  });
});
