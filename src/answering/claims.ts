import { articlesIn, clauseOf } from "./article-mentions.ts";
import { numberOf } from "./chinese-number.ts";
import { type Unit, unitOf, unitPattern } from "./units.ts";

/**
 * A checkable statement inside a text: a number with what it counts, a date, an article, a telephone number.
 * Two claims are the same when their keys are: 二倍 and 200%, 30日 and 三十天.
 */
export interface Claim {
  /** As it stands in the text. */
  readonly text: string;
  readonly key: string;
  /** The bare value, to compare with a number that stands without a unit. */
  readonly value: string;
  /** For an article: readings of the name of its law. Empty where the text names none, and for other claims. */
  readonly laws: readonly string[];
  /** Place in the text in NFKC form. */
  readonly at: number;
}

const arabic = "\\d+(?:,\\d{3})*(?:\\.\\d+)?(?:[余多]?[百千万亿]{1,2})?";
const chineseDigits = "〇零一二两三四五六七八九";
const chinese = `(?:[一二两三四五六七八九十][${chineseDigits}十百千万亿]*(?:点[${chineseDigits}]+)?|半)`;
const number = `(?:${arabic}|${chinese})`;
const year = `(?:\\d{4}|[${chineseDigits}]{4})`;
const small = `(?:\\d{1,2}|[一二三四五六七八九十]{1,3})`;
/** 第三人, 几十元 and 周六日 hold no number of their own; 每周六天 does. */
const begins = "(?<![A-Za-z第几数\\d.])(?<!(?<!每)周|星期|礼拜)";
const and = "\\s*(?:至|到|或者?|和|与|及|、|/|—+|-|~|–)\\s*";

/** Words that look like a number with a unit and are none. */
const idioms =
  /一次性|一家人|一户一|万一|千万(?=不|别|要)|有一天|每一天|一天到晚|一年到头|一年四季|一年一度|一日三餐|一分钱|一人一|一名一|十二分|十件实事|一级一级|一点(?!五)/gu;
/** Numbers of a list and references to sources: layout, not claims. */
const layout =
  /^[ \t]*\d{1,2}[.、)](?!\d)|[[【]\d{1,2}(?:[,、]\s*\d{1,2})*[\]】]|(?<=^|[。;:、,\s])\(\d{1,2}\)(?=\p{Script=Han})/gmu;
const circled = /[①-⑳⑴-⒇]/gu;
const hotline = /^(?:110|119|120|122|12\d{3}|9[56]\d{3})$/u;

type Read = (
  groups: Record<string, string | undefined>,
  found: string,
) => readonly Omit<Claim, "at" | "laws">[];
const one = (text: string, key: string, value: string) => [{ text, key, value }];

/** In the order in which they are looked for; no character belongs to two claims. */
const readers: readonly (readonly [RegExp, Read])[] = [
  [
    /[〔[(](?<year>\d{2,4})[〕\])]\p{Script=Han}{0,6}?第?(?<number>\d+)号/gu,
    (g, found) => one(found, `document:${g.year}-${g.number}`, `〔${g.year}〕${g.number}`),
  ],
  [
    new RegExp(`第\\s*\\(?[${chineseDigits}十百\\d]+\\)?\\s*[款项目]`, "gu"),
    (_, found) => one(found, `clause:${clauseOf(found)}`, found),
  ],
  [
    new RegExp(`第\\s*(?<n>[${chineseDigits}十百\\d]+)\\s*[章节编]`, "gu"),
    (g, found) => one(found, `chapter:${numberOf(g.n ?? "")}${found.at(-1)}`, found),
  ],
  [
    new RegExp(`第(?<n>[${chineseDigits}十百\\d]+)(?<unit>个月|个?工作日|年|天|日|周|次|季度)`, "gu"),
    (g, found) =>
      (numberOf(g.n ?? "") ?? 0) > 1 ? one(found, `ordinal:${g.unit}:${numberOf(g.n ?? "")}`, found) : [],
  ],
  [/第(?<n>\d+)(?:号|个)/gu, (g, found) => one(found, `ordinal:${found.at(-1)}:${g.n}`, g.n ?? "")],
  [new RegExp(`第[${chineseDigits}十百\\d]+(?=\\p{Script=Han}|[,、:.)])`, "gu"), () => []],
  [
    new RegExp(
      `(?<![\\d.])(?<y>${year})(?:年|[.\\-/])(?<m>${small})(?:月|[.\\-/])(?<d>${small})[日号]?(?!\\d)`,
      "gu",
    ),
    (g, found) => dated(found, g.y, g.m, g.d),
  ],
  [
    new RegExp(`(?<![\\d.])(?<y>${year})(?:年(?<m>${small})月|-(?<m2>\\d{2})(?![\\d%]))`, "gu"),
    (g, found) => dated(found, g.y, g.m ?? g.m2),
  ],
  [
    new RegExp(`(?<![\\d.])(?<m>${small})月(?<d>${small})[日号]`, "gu"),
    (g, found) => dated(found, undefined, g.m, g.d),
  ],
  [
    /(?<!\d)(?:0\d{2,3}[- ]?\d{3,4}[- ]?\d{4}|[48]00[- ]?\d{3}[- ]?\d{4}|1[3-9]\d{9})(?!\d)/gu,
    (_, found) => one(found, `phone:${found.replace(/\D/gu, "")}`, found.replace(/\D/gu, "")),
  ],
  [/(?<!\d)(?<h>\d{1,2}):(?<m>\d{2})(?!\d)/gu, (g, found) => clock(found, "", g.h, g.m)],
  [
    new RegExp(
      `(?<part>上午|下午|早上|早晨|清晨|早|中午|傍晚|晚上|晚|夜里|夜间|凌晨|次日|至|到|从)?(?<h>\\d{1,2}|${chinese})(?:点(?!击|评|餐)钟?|时(?!间|候|刻|期|限|效|代))(?:(?<half>半)|(?<m>\\d{1,2})分)?`,
      "gu",
    ),
    (g, found) =>
      g.part === undefined && !/\d/u.test(g.h ?? "")
        ? []
        : clock(found, g.part ?? "", g.h, g.half === undefined ? g.m : "30"),
  ],
  [new RegExp(`(?<whole>[百千万]|${number})分之(?<part>百|${number})`, "gu"), fraction],
  [/(?<![\d.])(?<part>\d+)\/(?<whole>\d+)(?!\s*级|\d)/gu, fraction],
  [
    /(?<n>[一二三四五六七八九])成(?=以|的|[,。;、!?)\s]|$)/gu,
    (g, found) => one(found, key("percent", 10 * (numberOf(g.n ?? "") ?? 0)), found),
  ],
  [/一半/gu, (_, found) => one(found, "percent:50", "50")],
  [/双倍|双薪|加倍|翻倍/gu, (_, found) => one(found, "percent:200", "2")],
  [
    /(?<![A-Za-z])(?:(?<n>\d?)[Nn]\s*[+加]\s*(?<m>[\d一])|(?<n2>\d?)N)(?![A-Za-z])/gu,
    (g, found) => formula(found, g),
  ],
  [
    new RegExp(`${begins}(?<n>${number})(?<unit>个半月|年半|个半小时|天半|倍半)`, "gu"),
    (g, found) => half(found, g.n ?? "", g.unit ?? ""),
  ],
  [
    new RegExp(`${begins}(?<list>${number}(?:${and}${number})*)\\s*[余多]?\\s*(?<unit>${unitPattern})`, "gu"),
    (g) => measuredList(g.list ?? "", g.unit ?? ""),
  ],
  [new RegExp(`(?<![A-Za-z第])(?<![第\\d]\\d*)${arabic}`, "gu"), (_, found) => bare(found)],
];

/**
 * Finds the claims of a text. `ownLaw` is the law of which the text is an extract: articles that name no law are
 * its own. A claim that stands several times is found each time.
 */
export function extractClaims(text: string, ownLaw?: string): Claim[] {
  let rest = text.replace(circled, " ").normalize("NFKC");
  const claims: Claim[] = [];
  for (const { label, clause, laws, start, end } of articlesIn(rest, ownLaw)) {
    claims.push({
      text: `${label}${clause}`,
      key: `article:${label}${clause}`,
      value: label,
      laws,
      at: start,
    });
    rest = `${rest.slice(0, start)}${" ".repeat(end - start)}${rest.slice(end)}`;
  }
  rest = rest.replace(idioms, blank);
  for (const [index, [pattern, read]] of readers.entries()) {
    // Numbers of documents stand in brackets too: they are read before layout is taken away.
    if (index === 1) rest = rest.replace(layout, blank);
    rest = rest.replace(pattern, (found: string, ...parts) => {
      const groups =
        typeof parts.at(-1) === "object" ? (parts.at(-1) as Record<string, string | undefined>) : {};
      const at = parts.find((part) => typeof part === "number") as number;
      const readings = read(groups, found);
      for (const claim of readings) claims.push({ ...claim, text: claim.text.trim(), laws: [], at });
      return readings.length === 0 && !found.startsWith("第") ? found : blank(found);
    });
  }
  return claims.sort((left, right) => left.at - right.at);
}

function dated(found: string, y: string | undefined, m: string | undefined, d?: string) {
  const [yearValue, month, day] = [y, m, d].map((part) => (part === undefined ? undefined : numberOf(part)));
  const key = yearValue === undefined ? "day-of-month" : day === undefined ? "month-of-year" : "date";
  const value = [yearValue, month, day].filter((part) => part !== undefined).join("-");
  return one(found, `${key}:${value}`, value);
}

function clock(found: string, part: string, hours: string | undefined, minutes = "0") {
  const hour = numberOf(hours ?? "") ?? 0;
  const shifted = /下午|傍晚|晚|夜/u.test(part) && hour < 12 ? hour + 12 : hour;
  return one(found, `clock:${shifted}:${Number(minutes)}`, String(hour));
}

function fraction({ whole, part }: Record<string, string | undefined>, found: string) {
  const scale = { 百: 100, 千: 1_000, 万: 10_000 }[whole ?? ""] ?? numberOf(whole ?? "");
  const share = part === "百" ? 100 : numberOf(part ?? "");
  return scale === undefined || share === undefined || scale === 0
    ? []
    : one(found, key("percent", (100 * share) / scale), found);
}

function formula(found: string, groups: Record<string, string | undefined>) {
  const times = groups.n ?? groups.n2 ?? "";
  const plus = groups.m === undefined ? "" : `+${numberOf(groups.m)}`;
  return one(found, `formula:${times}N${plus}`, found);
}

function half(found: string, text: string, unitText: string) {
  const unit = unitOf(unitText.replace("半", ""));
  const value = numberOf(text);
  return unit === undefined || value === undefined
    ? []
    : one(found, key(unit.name, (value + 0.5) * unit.factor), String(value + 0.5));
}

/** 27、25、23个月 are three claims, 3至10人 two; 七八级 is a seven and an eight. */
function measuredList(list: string, unitText: string) {
  const unit = unitOf(unitText) as Unit;
  return (list.match(new RegExp(number, "gu")) ?? []).flatMap((text) => {
    const pair = /^(?:一二|二三|三四|四五|五六|六七|七八|八九)$/u.test(text) ? [...text] : [text];
    return pair.flatMap((part) => measured(part, unitText, unit));
  });
}

function measured(text: string, unitText: string, unit: Unit) {
  const value = numberOf(text);
  if (value === undefined || (!/^\d/u.test(text) && value < (unit.least ?? 0))) return [];
  const isCalendarYear = unitText === "年" && value >= 1900 && value <= 2100;
  return one(
    `${text}${unitText}`,
    isCalendarYear ? `calendar-year:${value}` : key(unit.name, value * unit.factor),
    String(value),
  );
}

function bare(found: string) {
  const value = String(numberOf(found));
  return one(found, hotline.test(found) ? `phone:${found}` : `number:${value}`, value);
}

const key = (unit: string, value: number) => `${unit}:${Number(value.toFixed(4))}`;
const blank = (found: string) => " ".repeat(found.length);
