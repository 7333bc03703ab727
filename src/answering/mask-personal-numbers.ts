/** Identity cards (18 or 15 digits), mobile numbers, bank cards; also written with blanks or hyphens. */
const rules: readonly (readonly [RegExp, string])[] = [
  [/(?<!\d)\d{6}[ -]?(?:19|20)\d{2}[ -]?\d{4}[ -]?\d{3}[\dXx](?!\d)/gu, "〔身份证号〕"],
  [/(?<!\d)(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)/gu, "〔手机号〕"],
  [/(?<!\d)(?:\d[ -]?){15,18}\d(?!\d)/gu, "〔银行卡号〕"],
];

/** Replaces personal numbers by what they are, before a text goes to a model or a log. */
export function maskPersonalNumbers(text: string): string {
  return rules.reduce((masked, [pattern, name]) => masked.replace(pattern, name), text.normalize("NFKC"));
}
