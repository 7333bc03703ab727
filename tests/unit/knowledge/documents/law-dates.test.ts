import { describe, expect, it } from "vitest";
import { lawDates } from "../../../../src/knowledge/documents/law-dates.ts";

describe("the days that a rule tells of itself", () => {
  it.each([
    [
      "its publication and the day at its end",
      "# 测试法\n\n2010年8月28日 第十六次会议通过\n\n第一条 为了测试。\n\n第九条 本法自2011年1月1日起施行。\n",
      { published: "2010-08-28", effective: "2011-01-01", amended: false },
    ],
    [
      "the last of several publications, not the day of an annex's law",
      "# 条例\n2003年4月27日 国务院令第375号公布\n2010年12月20日 《国务院关于修改的决定》修订\n第一条 依2015年1月1日公布的办法。\n第二条 本条例自2004年1月1日起施行。",
      { published: "2010-12-20", effective: "2004-01-01", amended: true },
    ],
    [
      "a day in force that the head names",
      "# 解释\n2020年12月25日 第1825次会议通过\n2021年1月1日 施行\n\n第一条 案件。",
      { published: "2020-12-25", effective: "2021-01-01", amended: false },
    ],
    [
      "days in Chinese numerals",
      "# 规定\n第十条 本规定自一九九五年一月一日起执行。",
      { effective: "1995-01-01", amended: false },
    ],
    [
      "the rule's own day beside transitional ones",
      "# 规定\n第九条 本规定自1995年5月1日起施行。有困难的单位最迟自1996年1月1日起施行。",
      { effective: "1995-05-01", amended: false },
    ],
    ["nothing where it tells nothing", "# 规定\n第一条 自发布之日起施行。", { amended: false }],
    ["nothing that is no day", "# 法\n第一条 本法自2011年2月30日起施行。", { amended: false }],
  ])("%s", (_, text, expected) => {
    expect(lawDates(text)).toEqual(expected);
  });
});
