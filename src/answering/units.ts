/** What a number counts, under the name by which it is compared; `factor` brings units of one kind together. */
export interface Unit {
  readonly name: string;
  readonly factor: number;
  /** Chinese numerals below this with the unit are figures of speech (一次, 三种办法), not claims. Default 0. */
  readonly least?: number;
}

const unit = (name: string, factor = 1, least?: number): Unit => ({
  name,
  factor,
  ...(least === undefined ? {} : { least }),
});
const counted = (name: string) => unit(name, 1, 2);

/**
 * Equal by law or by arithmetic are 半年 and 6个月, 一年 and 12个月, 二倍 and 200%, 小时 and 60分钟, 日 and 天. Not
 * equal are 30日 and 一个月, 7日 and 一周, 24小时 and 一天, workdays and days.
 */
const measures: Readonly<Record<string, Unit>> = {
  个工作日: unit("workday"),
  工作日: unit("workday"),
  个自然日: unit("day"),
  自然日: unit("day"),
  日: unit("day"),
  号: unit("day"),
  天: unit("day"),
  个星期: unit("week"),
  个周: unit("week"),
  周: unit("week"),
  个月: unit("month"),
  月: unit("calendar-month"),
  年: unit("month", 12),
  周年: unit("month", 12),
  个小时: unit("minute", 60),
  小时: unit("minute", 60),
  个钟头: unit("minute", 60),
  钟头: unit("minute", 60),
  分钟: unit("minute"),
  倍: unit("percent", 100),
  "%": unit("percent"),
  个百分点: unit("percent"),
  "‰": unit("percent", 0.1),
  元: unit("yuan"),
  块钱: unit("yuan"),
  块: unit("yuan"),
  周岁: unit("age"),
  岁: unit("age"),
  级: unit("grade"),
  "°C": unit("degree"),
  摄氏度: unit("degree"),
  度: unit("degree"),
  公里: unit("kilometre"),
  千米: unit("kilometre"),
  公斤: unit("kilogram"),
  千克: unit("kilogram"),
  平方米: unit("square-metre"),
  个人: counted("person"),
  人: counted("person"),
  名: counted("person"),
  位: counted("person"),
  人次: counted("visit"),
  户: counted("household"),
  家: counted("firm"),
  次: counted("time"),
  ...Object.fromEntries(
    [
      "个",
      "条",
      "项",
      "种",
      "类",
      "件",
      "份",
      "笔",
      "场",
      "期",
      "所",
      "台",
      "套",
      "张",
      "支",
      "批",
      "处",
      "座",
      "间",
      "届",
      "方面",
    ].map((name) => [name, unit("number", 1, 4)]),
  ),
};

/** What may not follow a unit: with it the sign belongs to another word, such as 年级, 天然, 人民. */
const notBefore: Readonly<Record<string, string>> = {
  年: "级|代",
  天: "然|气",
  月: "薪",
  级: "联",
  人: "民|社|大",
  名: "单|义|称",
  位: "置",
  家: "庭|属|里|长",
  次: "日|性|年",
  周: "末",
  度: "假",
  个: "别|体",
  条: "件|例|款",
  件: "事",
  块: "头",
};

export const unitPattern = Object.keys(measures)
  .sort((left, right) => right.length - left.length)
  .map((name) => (notBefore[name] === undefined ? name : `${name}(?!${notBefore[name]})`))
  .join("|");

export function unitOf(text: string): Unit | undefined {
  return Object.hasOwn(measures, text) ? measures[text] : undefined;
}
