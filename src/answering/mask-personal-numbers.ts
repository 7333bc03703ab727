/** Signs that people put between the digits of a number; up to two in a row. */
const between = "[ .·•_‐‑–—-]{0,2}";
const digits = (count: number) => Array.from({ length: count }, () => "\\d").join(between);
const month = `(?:0${between}[1-9]|1${between}[0-2])`;
const day = `(?:0${between}[1-9]|[12]${between}\\d|3${between}[01])`;
const numbered = (body: string) => new RegExp(`(?<!\\d)(?:${body})(?!\\d)`, "gu");

/** Ahead of groups of four: a row of years or of round sums is no card. */
const notSums = ["(?:19|20)\\d{2}", "\\d{2}00"]
  .map((group) => `(?!(?:\\d{4}${between})*?${group}${between}(?:\\d{4}${between})*?${group}(?!\\d))`)
  .join("");

/**
 * Tried in this order. Identity cards: GB 11643 (18 characters, a date of birth at the 7th) and the 15-digit form
 * before it. Mobile numbers: 11 digits from 13 to 19. Bank cards: 16 to 19 digits. Any other 12 digits in a row are
 * a number of somebody's too, and no sum of money.
 */
const rules: readonly (readonly [RegExp, string])[] = [
  [
    numbered(
      [digits(6), `(?:1${between}9|2${between}0)`, digits(2), month, day, digits(3), "[\\dX]"].join(between),
    ),
    "〔身份证号〕",
  ],
  [numbered(["[1-8]", digits(7), month, day, digits(3)].join(between)), "〔身份证号〕"],
  [
    numbered(
      `(?:\\(?(?:\\+|00)?86\\)?${between})?1[3-9](?:\\d{9}|\\d${between}\\d{4}${between}\\d{4}|\\d${between}\\d{8}|\\d{5}${between}\\d{4})`,
    ),
    "〔手机号〕",
  ],
  [
    new RegExp(
      `(?<!\\d)(?:(?:\\+|00)?86${between})?(?=1[ .·•_‐‑–—-]?[3-9])(?=\\d*(?<sign>[ .·•_‐‑–—-])\\d+\\k<sign>)(?:\\d\\k<sign>?){10}\\d(?!\\d)`,
      "gu",
    ),
    "〔手机号〕",
  ],
  [
    numbered(`\\d{16,19}|\\d{6}${between}\\d{10,13}|${notSums}(?:\\d{4}${between}){4}\\d{0,3}`),
    "〔银行卡号〕",
  ],
  [/(?<!\d)\d(?:(?<sign>[ .·•_‐‑–—-])\d)(?:\k<sign>\d){14,17}(?!\d)/gu, "〔银行卡号〕"],
  [/(?<!\d)\d{12,}(?!\d)/gu, "〔号码〕"],
];

const chineseDigits = "零一二三四五六七八九";
const spoken: Readonly<Record<string, string>> = { 〇: "0", 幺: "1", 两: "2", Ｏ: "0" };

/**
 * Replaces personal numbers by what they are, before a text goes to a model: also written with blanks, dots or
 * hyphens, in full-width or Chinese digits. All else stays as it was written.
 */
export function maskPersonalNumbers(text: string): string {
  return rules.reduce((masked, [pattern, name]) => replace(masked, pattern, name), text);
}

function replace(text: string, pattern: RegExp, name: string): string {
  const { plain, starts } = inPlainDigits(text);
  let masked = "";
  let done = 0;
  for (const match of plain.matchAll(pattern)) {
    masked += `${text.slice(done, starts[match.index])}${name}`;
    done = starts[match.index + match[0].length] ?? text.length;
  }
  return masked + text.slice(done);
}

/** The text with every kind of digit as 0 to 9 and without invisible signs; `starts` leads back to the text. */
function inPlainDigits(text: string): { plain: string; starts: number[] } {
  const starts: number[] = [];
  let plain = "";
  let at = 0;
  for (const character of text) {
    const sign = plainSign(character);
    for (let index = 0; index < sign.length; index += 1) starts.push(at);
    plain += sign;
    at += character.length;
  }
  starts.push(text.length);
  return { plain, starts };
}

function plainSign(character: string): string {
  if (character >= "0" && character <= "9") return character;
  if (/[\p{M}\p{Cf}]/u.test(character)) return "";
  const digit = chineseDigits.indexOf(character);
  if (digit >= 0) return String(digit);
  return spoken[character] ?? character.normalize("NFKC").toUpperCase();
}
