/** What the text of a rule tells of its own days, as ISO dates. */
export interface LawDates {
  /** The last day on which the head says that it was passed, published or amended. */
  readonly published?: string;
  /** The day from which the text says that it holds. */
  readonly effective?: string;
  /** Whether the head tells of amendments: then the day at the end may be that of the first edition. */
  readonly amended: boolean;
}

const digit = "[〇○零一二三四五六七八九]";
const small = "(?:\\d{1,2}|[一二三四五六七八九十]{1,3})";
const day = `(\\d{4}|${digit}{4})\\s*年\\s*(${small})\\s*月\\s*(${small})\\s*日`;
const days = new RegExp(day, "gu");
const passed = /通过|公布|发布|颁布|修正|修订|批准|印发/u;
const inForceFrom = new RegExp(`${day}\\s*起?\\s*(?:施行|实施|生效)`, "u");
const closing = new RegExp(
  `本(?:法|条例|规定|办法|解释|细则|决定|意见|通知|章程|规则|标准|规范|准则)\\s*自\\s*${day}\\s*起\\s*(?:开始)?\\s*(?:施行|实施|执行|生效)`,
  "gu",
);
const headEnd = /\n\s*(?:#+\s*)?第[一1]\s*[章编条]|<!--/u;
const longestHead = 1_200;

/** Reads the days that the head and the closing article of a rule name. */
export function lawDates(text: string): LawDates {
  const head = text.slice(0, longestHead).split(headEnd)[0] ?? "";
  const published = head
    .split("\n")
    .filter((line) => passed.test(line))
    .flatMap((line) => [...line.matchAll(days)].flatMap((found) => isoOf(found) ?? []))
    .sort()
    .at(-1);
  const last = [...text.matchAll(closing)].at(-1);
  const named = inForceFrom.exec(head) ?? last;
  const effective = named === null || named === undefined ? undefined : isoOf(named);
  return {
    ...(published === undefined ? {} : { published }),
    ...(effective === undefined ? {} : { effective }),
    amended: /修正|修订|修改/u.test(head),
  };
}

function isoOf([, year = "", month = "", date = ""]: RegExpMatchArray | RegExpExecArray): string | undefined {
  const [y, m, d] = [
    year.replace(/[^\d]/gu, (sign) => String(digitOf(sign))),
    String(smallNumber(month)).padStart(2, "0"),
    String(smallNumber(date)).padStart(2, "0"),
  ];
  const iso = `${y}-${m}-${d}`;
  const parsed = new Date(`${iso}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(iso) ? iso : undefined;
}

const signs = "〇一二三四五六七八九";
const digitOf = (sign: string) => Math.max(0, signs.indexOf(sign));

/** 1 to 31 in digits or Chinese numerals. */
function smallNumber(text: string): number {
  if (/^\d+$/u.test(text)) return Number(text);
  const [tens, ones] = text.includes("十") ? text.split("十") : ["0", text];
  return (tens === "" ? 1 : digitOf(tens ?? "")) * 10 + (ones === "" ? 0 : digitOf(ones ?? ""));
}
