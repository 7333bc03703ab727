import type { AskedDay } from "../answering/asked-day.ts";

interface Moment {
  readonly told: string;
  readonly at: number;
  readonly end: number;
  /** ISO date of its last day. */
  readonly date: string;
}

const digit = "[〇○零一二三四五六七八九]";
const small = "(?:1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])";
const dayOfMonth = "(?:[12]\\d|3[01]|0?[1-9]|[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])";
const count = "(?:\\d{1,2}|[一二两三四五六七八九十]{1,3}|几)";
/** Words that hold the name of a time and mean something else: 提前年休假, 之前年假, 过去年限. */
const notBefore = "(?<![提以之目从先当此事产婚期职前过往历成])";

const calendar = new RegExp(
  `(?<![\\d第])(?:(?<y>(?:19|20)\\d{2}|[一二]${digit}{3})(?:年(?:度)?|[.\\-/](?=\\d))|(?<y2>[012]\\d)年(?=\\s*${small}\\s*月|[初底末]|的时候|那年|入职|进厂|受伤))` +
    `(?:\\s*(?<m>${small})(?:月份?|[.\\-/](?=\\d)|(?<=[.\\-/]\\d{1,2}))(?:\\s*(?<d>${dayOfMonth})[日号]?)?)?`,
  "gu",
);
const years = new RegExp(
  `${notBefore}(?<word>大前年|前年|去年|今年|上年)(?![休假限度终龄级])(?:的?(?<m>${small})月份?(?:(?<d>${dayOfMonth})[日号])?)?`,
  "gu",
);
const ago = new RegExp(
  `(?<![满到未足第\\d])(?<n>${count})(?<half>多|个?半)?(?:个)?(?<unit>年|月|周|星期|天)(?:半|多)?(?:之|以)?前(?![提年])`,
  "gu",
);
const lately = new RegExp(`${notBefore}(?<word>上个?月|上个?星期|上周|前天|昨天|半年前)(?!期)`, "gu");

/** What befalls a worker, or what is owed to them: a time beside it is that of the matter. */
const event =
  /伤|摔|跌|撞|砸|烫|断|出事|事故|车祸|去世|死|猝死|辞退|开除|解雇|解聘|裁|炒|劝退|离职|辞职|离开|走的|走了|下岗|买断|内退|退休|拖欠|欠|没发|不发|未发|少发|没给|不给|没付|没交|没缴|未缴|不交|不缴|断缴|没签|未签|不签|到期|终止|解除|怀孕|生(?:了|的)?(?:孩|娃|小孩|二胎|三胎|宝)|流产|生育|产假|加班|克扣|扣|罚|降薪|调岗|停工|放假|仲裁|判|起诉|诊断|确诊|查出|鉴定|认定|发生|的事|签的?协议|签了?协议|赔|罢工|申请|投诉|举报|信访|报警|打官司|结婚|押金|骗|欠条|骚扰|歧视|威胁|违约金|搬迁|改制|停产|体检|倒闭|破产|跑路|年终奖|工资|奖金|年假|年休假/u;
/** When somebody began, was born, or something goes on since then: not when the matter happened. */
const entry =
  /^(?:[^，。,;；!！?？]{0,10}?)(?:入职|进入?厂|进入?公司|进入?单位|进的|来的?(?:公司|厂|单位|这)|开始(?:上班|工作|干|做|在)|参加工作|到(?:这|公司|厂|单位)|就(?:在|来)|招(?:进|聘)|聘用|应聘|签的?(?:劳动|用工)?合同|签(?:了|订)(?:劳动|用工|一份)?[^，。]{0,6}合同|出生|生人|毕业)|^[^，。,;；!！?？]{0,2}?(?:起|以来|至今|到现在|到今|一直)/u;
const bornOrEntered =
  /(?:入职(?:时间|日期)?(?:是|为|于|:|：)?|进厂(?:是)?|出生(?:于|在)?|生于|毕业于|成立于|从)$/u;
/** 到2027年, 2026年以后: what is to come, or how far something reaches. */
const rule =
  /^(?:度)?(?:[初底末]|上半年|下半年)?(?:以前|之前)?(?:的|修正|修订|修改|出台|颁布|发布|施行|实施|生效)*(?:的)?(?:老|旧|新)?(?:最低工资标准|(?:社平|社会平均)工资|规定|政策|法律|法规|条例|法条|规则|司法解释|解释|办法|标准|(?:《)?(?:中华人民共和国)?(?:劳动合同法|劳动法|工会法|工伤保险条例|社会保险法|工伤条例|社保法)(?![律院规]))/u;
const underRule = /(?:按|按照|根据|依据|依照|适用|用)(?:了)?$/u;
const former =
  /(?:以前|从前|过去|原来|原先|旧|老|已?(?:经)?(?:废止|失效|作废)|废除)(?:了)?的?(?:那个|那部|那些)?(?:老|旧)?(?:(?:规定|政策|解释[（(]?[一二三四]?|版本)|(?:(?!公司|单位|老板|工资|同事|工厂)\p{Script=Han}){0,8}(?:法律|法规|条例|法条|司法解释|劳动法|工会法|办法))[）)]?(?:[^，。]{0,12})(?:怎么|咋|啥|什么|如何|是|说|写|规定|内容|\?|？|$)/u;
const noLonger = /(?:还有效|还管用|还能用|还适用|还算数|作废了?吗|废止了?吗|失效了?吗)/u;
/** The present is asked for, whatever happened then: how to apply, where to go now. */
const now =
  /(?:现在|目前|如今|今天)(?!(?:才|都|还)?(?:没|不|被))[^，。,;；!！]{0,8}(?:申请|办|去哪|找谁|打什么|怎么(?:弄|办|投诉|告|仲裁|申请|查|交|补)|咋个?(?:办|弄)|规定|政策|标准|要(?:什么|哪些))|(?:现行|最新|新出)的?(?:规定|政策|法律|标准|办法)/u;
/** What a union did in a year is asked of its reports. */
const ofReport = /工会[^，。,;；！!？?]*(?:多少|几|好多)|(?:多少|几|好多)[^，。,;；！!？?]*工会/u;
/** A longer story tells its matter at its head and asks at its end. */
const head = 700;
const end = 300;
const clauseEnd = /[，。,;；!！?？\n]/u;

/**
 * Reads from what a contact wrote, oldest first, on which day the matter happened. The last text that tells of one
 * decides. A day of entry, of birth, to come, or since which something goes on is none. Where a text tells of several
 * years, or only of times that nothing is said about, it stays today. `today` is an ISO date.
 */
export function eventDate(texts: readonly string[], today: string): AskedDay {
  for (const text of texts.toReversed()) {
    const found = eventIn(shorten(text.normalize("NFKC").replaceAll("號", "号")), today);
    if (found !== undefined) return found;
  }
  return { date: today };
}

const shorten = (text: string) =>
  text.length > head + end ? `${text.slice(0, head)}\n${text.slice(-end)}` : text;

/** Undefined where a text tells of no time at all. */
function eventIn(text: string, today: string): AskedDay | undefined {
  const moments = momentsIn(text, today);
  const ruled = moments.find((moment) => asksForRule(text, moment));
  if (ruled !== undefined) return of(ruled, "rule", today);
  if (former.test(text) && !noLonger.test(text)) return { date: today, asks: "former" };
  if (moments.length === 0) return undefined;
  if (now.test(text) || ofReport.test(text)) return { date: today };
  const told = moments.filter((moment) => isOfEvent(text, moment, moments));
  const last = told.at(-1);
  if (last === undefined) return undefined;
  const sameYear = new Set(told.map(({ date }) => date.slice(0, 4))).size === 1;
  return sameYear ? of(last, undefined, today) : { date: today };
}

function of({ date, told }: Moment, asks: AskedDay["asks"], today: string): AskedDay {
  if (date >= today) return { date: today };
  return { date, told, ...(asks === undefined ? {} : { asks }) };
}

function asksForRule(text: string, { at, end }: Moment): boolean {
  const after = text.slice(end);
  return rule.test(after) && !/^(?:的)?(?:工资)?标准(?:件|间)/u.test(after) && !underOldContract(text, at);
}

/** 按2012年的规定签的合同 tells of a contract. */
const underOldContract = (text: string, at: number) =>
  underRule.test(text.slice(0, at)) && /签的?合同/u.test(text.slice(at));

function isOfEvent(text: string, moment: Moment, all: readonly Moment[]): boolean {
  const { at, end } = moment;
  const before = text.slice(0, at);
  const clauseStart = Math.max(
    ...[...before].map((sign, index) => (clauseEnd.test(sign) ? index + 1 : 0)),
    0,
  );
  const clause = text.slice(clauseStart, at);
  if (bornOrEntered.test(clause)) return false;
  const next = all.find((other) => other.at > at);
  // What is said of a time stands behind it, up to the next one.
  const after = text.slice(end, next?.at ?? text.length);
  const own = after.split(clauseEnd)[0] ?? "";
  if (/^(?:到|至|-|~|—)/u.test(after) && next !== undefined && after.length <= 2) return false;
  if (/^(?:到|至)(?:现在|今|目前)/u.test(after)) return false;
  if (entry.test(own) && !/^[^，。]{0,10}合同到期/u.test(own)) return false;
  return event.test(own) || event.test(clause) || (own.length <= 4 && event.test(after));
}

/** Every time that a text names, in order. */
function momentsIn(text: string, today: string): Moment[] {
  const found: Moment[] = [];
  const add = (match: RegExpExecArray, date: string | undefined) => {
    if (date === undefined) return;
    found.push({ told: match[0].trim(), at: match.index, end: match.index + match[0].length, date });
  };
  for (const match of text.matchAll(calendar)) {
    const { y, y2, m, d } = match.groups ?? {};
    const year = y === undefined ? `20${y2}` : y.replace(/\D/gu, (sign) => String(digitOf(sign)));
    add(match, lastDay(Number(year), m, d));
  }
  const thisYear = Number(today.slice(0, 4));
  for (const match of text.matchAll(years)) {
    const { word = "", m, d } = match.groups ?? {};
    const back = { 大前年: 3, 前年: 2, 去年: 1, 上年: 1 }[word] ?? 0;
    add(match, lastDay(thisYear - back, m, d));
  }
  for (const match of text.matchAll(ago)) {
    const { n = "", unit = "" } = match.groups ?? {};
    if (n === "几") continue;
    add(match, daysBefore(today, numberOf(n), unit));
  }
  for (const match of text.matchAll(lately)) {
    const { word = "" } = match.groups ?? {};
    const days = { 昨天: 1, 前天: 2, 上周: 7, 上星期: 7, 上个星期: 7, 半年前: 182 }[word];
    add(match, days === undefined ? daysBefore(today, 1, "月") : daysBefore(today, days, "天"));
  }
  found.sort((left, right) => left.at - right.at || right.end - left.end);
  return found.filter(({ at }, index) => found.slice(0, index).every((other) => other.end <= at));
}

function lastDay(year: number, month: string | undefined, day: string | undefined): string | undefined {
  if (year < 1949 || year > 2100) return undefined;
  const [m, d] = [month === undefined ? 12 : numberOf(month), day === undefined ? 0 : numberOf(day)];
  if (m < 1 || m > 12) return undefined;
  const last = new Date(Date.UTC(year, m, 0)).getUTCDate();
  if (d > last) return undefined;
  return `${year}-${String(m).padStart(2, "0")}-${String(d === 0 ? last : d).padStart(2, "0")}`;
}

/** Years and months back by the calendar; the last day of the month where it has no such day. */
function daysBefore(today: string, n: number, unit: string): string {
  const [year, month, day] = today.split("-").map(Number) as [number, number, number];
  if (unit === "年" || unit === "月") {
    const months = year * 12 + (month - 1) - n * (unit === "年" ? 12 : 1);
    const [y, m] = [Math.floor(months / 12), (months % 12) + 1];
    const last = new Date(Date.UTC(y, m, 0)).getUTCDate();
    return `${y}-${String(m).padStart(2, "0")}-${String(Math.min(day, last)).padStart(2, "0")}`;
  }
  const days = n * (unit === "天" ? 1 : 7);
  return new Date(Date.UTC(year, month - 1, day - days)).toISOString().slice(0, 10);
}

const signs = "〇一二三四五六七八九";
const digitOf = (sign: string) => (sign === "两" ? 2 : Math.max(0, signs.indexOf(sign)));

/** 1 to 99 in digits or Chinese numerals. */
function numberOf(text: string): number {
  if (/^\d+$/u.test(text)) return Number(text);
  if (!text.includes("十")) return digitOf(text.at(-1) ?? "");
  const [tens = "", ones = ""] = text.split("十");
  return (tens === "" ? 1 : digitOf(tens)) * 10 + (ones === "" ? 0 : digitOf(ones));
}
