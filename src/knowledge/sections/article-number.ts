/** The number of an article; `suffix` is the n of 之n, for articles put in by an amendment. */
export interface ArticleNumber {
  readonly number: number;
  readonly suffix?: number;
}

/** The characters of which numbers in labels consist, for a character class of a pattern. */
export const numeralClass = "〇零一二两三四五六七八九十百千\\d０-９";

const digits = new Map([..."零一二三四五六七八九"].map((character, value) => [character, value]));
digits.set("〇", 0);
digits.set("两", 2);

const units = new Map([
  ["十", 10],
  ["百", 100],
  ["千", 1000],
]);

const label = new RegExp(
  `^\\s*第?\\s*([${numeralClass}]+)\\s*条(?:\\s*之\\s*([${numeralClass}]+))?\\s*$`,
  "u",
);

/**
 * Reads a label such as 第八十二条, 82条, 第８２条 or 第二百七十六条之一. Undefined for anything else, and for a
 * number that is zero or above 9999.
 */
export function parseArticleLabel(text: string): ArticleNumber | undefined {
  const match = label.exec(text);
  const number = parseNumeral(match?.[1] ?? "");
  if (number === undefined || number < 1 || number > 9999) return undefined;
  if (match?.[2] === undefined) return { number };
  const suffix = parseNumeral(match[2]);
  return suffix === undefined || suffix < 1 ? undefined : { number, suffix };
}

/** Prints the label as laws print it: 第八十二条, 第二百七十六条之一. `number` is 1 to 9999. */
export function formatArticleLabel(number: number, suffix?: number): string {
  return `第${formatNumeral(number)}条${suffix === undefined ? "" : `之${formatNumeral(suffix)}`}`;
}

/** Arabic (also full-width), positional (一〇三) or written out (一百零三); undefined where it is none of them. */
function parseNumeral(text: string): number | undefined {
  const plain = text.normalize("NFKC");
  if (/^\d+$/.test(plain)) return Number(plain);
  if (/^[〇零一二两三四五六七八九]+$/.test(plain)) {
    return [...plain].reduce((value, character) => value * 10 + (digits.get(character) ?? 0), 0);
  }
  return parseWrittenOut(plain);
}

function parseWrittenOut(text: string): number | undefined {
  let total = 0;
  let digit: number | undefined;
  let lastUnit = 10_000;
  for (const character of text) {
    const unit = units.get(character);
    const value = digits.get(character);
    if (unit !== undefined) {
      // Units only fall, and 十 alone stands for 一十.
      if (unit >= lastUnit || (digit === undefined && unit !== 10)) return undefined;
      total += (digit || 1) * unit;
      lastUnit = unit;
      digit = undefined;
    } else if (value === undefined || (digit !== undefined && digit !== 0)) {
      return undefined;
    } else {
      digit = value;
    }
  }
  return text === "" ? undefined : total + (digit ?? 0);
}

function formatNumeral(value: number): string {
  const characters = "零一二三四五六七八九";
  const places = ["", "十", "百", "千"];
  const figures = [...String(value)].map(Number);
  let text = "";
  for (const [index, figure] of figures.entries()) {
    const rest = figures.slice(index);
    if (rest.every((other) => other === 0)) break;
    if (figure === 0 && text.endsWith("零")) continue;
    text += `${characters[figure] ?? ""}${figure === 0 ? "" : (places[rest.length - 1] ?? "")}`;
  }
  return text.startsWith("一十") ? text.slice(1) : text;
}
