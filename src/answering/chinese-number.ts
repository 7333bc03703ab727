const digits = "零一二三四五六七八九";
const scales: Readonly<Record<string, number>> = { 十: 10, 百: 100, 千: 1_000, 万: 10_000, 亿: 100_000_000 };

/**
 * Reads a number as people write it: 30, 5,000, 1.5万, 20余万, 三十, 二〇二三, 一点五, 两万五 (25,000); 半 alone
 * is 0.5. Undefined for what is none.
 */
export function numberOf(text: string): number | undefined {
  const plain = text
    .replaceAll("〇", "零")
    .replaceAll("两", "二")
    .replace(/[,，\s余多]/gu, "");
  if (plain === "半") return 0.5;
  const arabic = /^(?<figures>\d+(?:\.\d+)?)(?<scale>[十百千万亿]*)$/u.exec(plain)?.groups;
  if (arabic !== undefined) {
    const value = [...(arabic.scale ?? "")].reduce(
      (product, scale) => product * (scales[scale] ?? 1),
      Number(arabic.figures),
    );
    return Number(value.toPrecision(12));
  }
  const [whole = "", fraction] = plain.split("点");
  const value = /^[零一二三四五六七八九]{2,}$/u.test(whole) ? Number(figuresOf(whole)) : writtenOut(whole);
  if (value === undefined || fraction === undefined) return value;
  return /^[零一二三四五六七八九]+$/u.test(fraction) ? Number(`${value}.${figuresOf(fraction)}`) : undefined;
}

const figuresOf = (text: string) => [...text].map((sign) => digits.indexOf(sign)).join("");

function writtenOut(text: string): number | undefined {
  if (!/^[零一二三四五六七八九十百千万亿]+$/u.test(text)) return undefined;
  let total = 0;
  let section = 0;
  let digit = 0;
  /** What one more digit counts for in speech: the 五 of 两万五 is five thousand. */
  let next = 1;
  for (const sign of text) {
    const scale = scales[sign];
    if (scale === undefined) {
      digit = digits.indexOf(sign);
      if (digit === 0) next = 1;
      continue;
    }
    if (scale >= 10_000) {
      total =
        scale === 10_000 ? total + (section + digit || 1) * scale : (total + section + digit || 1) * scale;
      section = 0;
    } else section += (digit || 1) * scale;
    digit = 0;
    next = scale / 10;
  }
  return total + section + digit * next;
}
