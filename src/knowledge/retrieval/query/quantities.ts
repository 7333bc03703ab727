/** The units after which an amount is compared; the left ones are written as the right ones. */
const units: Readonly<Record<string, string>> = {
  块钱: "元",
  元钱: "元",
  块: "元",
  元: "元",
  个小时: "小时",
  小时: "小时",
  天: "天",
  日: "日",
  个星期: "周",
  星期: "周",
  周: "周",
  个半月: "个月",
  个月: "个月",
  年: "年",
  岁: "岁",
  个人: "人",
  人: "人",
  倍: "倍",
  级: "级",
  度: "度",
};
const unitPattern = Object.keys(units)
  .sort((a, b) => b.length - a.length)
  .join("|");
/** As it is written on receipts and papers: 陆级, 叁万元. */
const formal = "壹贰叁肆伍陆柒捌玖拾佰仟";
const numerals = `〇零一二两三四五六七八九十百千万${formal}`;
const amount = new RegExp(`(?<![\\d.])([${numerals}]{1,12}|\\d{1,9})(${unitPattern})(半?)`, "gu");
/** One of these is a way of speaking: 一天到晚, 一个人. */
const uncounted = new Set(["天", "日", "人", "倍", "元"]);
const formalNumeral = new RegExp(`[${formal}]`, "gu");
const mostAmounts = 8;

/** Amounts that a text has, in the other writing: 一百二十块 as 120元, 3个月 as 三个月, 两年半 as 2.5年. */
export function amountsInOtherWriting(text: string): string[] {
  const found = new Set<string>();
  if (text.includes("半年")) found.add("6个月");
  for (const match of text.matchAll(amount)) {
    if (found.size >= mostAmounts) break;
    const [, number = "", unit = ""] = match;
    if (text[match.index - 1] === "第") continue;
    const name = units[unit] as string;
    const half = match[3] !== "" || unit === "个半月";
    if (/^\d/u.test(number)) {
      if (half) found.add(`${number}.5${name}`);
      else if (Number(number) <= 100 && !number.startsWith("0"))
        found.add(`${inCharacters(Number(number))}${name}`);
      continue;
    }
    const plain = number.replace(
      formalNumeral,
      (character) => "一二三四五六七八九十百千"[formal.indexOf(character)] ?? "",
    );
    const value = readNumber(plain);
    if (value === undefined || (value === 1 && uncounted.has(name))) continue;
    found.add(`${half ? value + 0.5 : value}${name}`);
    if (plain !== number) found.add(`${plain}${name}`);
  }
  return [...found];
}

const digits = "零一二三四五六七八九";
const places: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1_000, 万: 10_000 };

/** A spoken number: 一百二十, 三千五 (3 500), 两万八 (28 000). Undefined where it is none. */
function readNumber(text: string): number | undefined {
  const [high = "", low, ...more] = text.split("万");
  if (more.length > 0) return undefined;
  const upper = readBelowTenThousand(high);
  if (low === undefined || upper === undefined) return low === undefined ? upper : undefined;
  if (low === "") return upper * 10_000;
  if (low.length === 1) return upper * 10_000 + (digit(low) ?? Number.NaN) * 1_000;
  const rest = readBelowTenThousand(low);
  return rest === undefined ? undefined : upper * 10_000 + rest;
}

function readBelowTenThousand(text: string): number | undefined {
  let total = 0;
  let waiting: number | undefined;
  let place = 10_000;
  let skipped = false;
  for (const character of text) {
    const factor = places[character];
    if (factor !== undefined) {
      if (factor >= place || (waiting === undefined && factor !== 10)) return undefined;
      total += (waiting ?? 1) * factor;
      place = factor;
      waiting = undefined;
      skipped = false;
      continue;
    }
    const value = digit(character);
    if (value === undefined || waiting !== undefined) return undefined;
    if (value === 0) skipped = true;
    else waiting = value;
  }
  if (text === "") return undefined;
  // 三千五 leaves out the hundred that a zero would deny: 三千零五.
  const last =
    waiting === undefined ? 0 : waiting * (skipped || place === 10_000 ? 1 : Math.max(1, place / 10));
  return total + last;
}

function digit(character: string): number | undefined {
  if (character === "两") return 2;
  if (character === "〇") return 0;
  const value = digits.indexOf(character);
  return value < 0 ? undefined : value;
}

/** 1 to 100 in characters; two stands as 两 before what is counted. */
function inCharacters(value: number): string {
  if (value === 2) return "两";
  if (value === 100) return "一百";
  const [tens, ones] = [Math.floor(value / 10), value % 10];
  const left = tens === 0 ? "" : tens === 1 ? "十" : `${digits[tens]}十`;
  return `${left}${ones === 0 ? "" : digits[ones]}`;
}
