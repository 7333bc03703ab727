import type { DocumentKind } from "../policy-document.ts";
import { placeOfTitle } from "./regions.ts";

/** Standing of a rule among rules (立法法, chapters 2 to 5), or what stands beside them. */
export const documentRanks = [
  "law",
  "administrative_regulation",
  "judicial_interpretation",
  "departmental_rule",
  "local_rule",
  "other",
] as const;
export type DocumentRank = (typeof documentRanks)[number];

const note = "(?:\\s*[（(][^）)]*[）)])*$";
const courts =
  /^(?:最高人民(?:法院|检察院)|人民(?:法院|检察院)\p{Script=Han}*(?:规则|办法|规定)|关于(?:人民法院)?审理\p{Script=Han}*案件|关于适用\p{Script=Han}*解释)/u;
/** 办法, 做法 and the like are no laws; what the congress or its committee decides stands with them. */
const laws = new RegExp(
  `(?<![办做方看说想])(?<!使用|作用)(?:法|法典)${note}|^(?:宪法|刑法修正案)|^全国人(?:民代表大会|大)(?:常务委员会|常委会)?关于|^全国人民代表大会`,
  "u",
);
const regulations = new RegExp(`条例(?:施行细则|实施细则|实施办法)?${note}`, "u");
const ofStateCouncil = /^国务院(?!办公厅|\p{Script=Han}*(?:部|局|委|委员会|署)关于)/u;
/** Regulations of the State Council that are not called 条例 and do not begin with its name. */
const regulationsByName = new Set([
  "女职工劳动保护特别规定",
  "禁止使用童工规定",
  "全国年节及纪念日放假办法",
  "国有企业富余职工安置规定",
  "劳动就业服务企业管理规定",
]);
const rules = new RegExp(
  `(?:规定|办法|细则|规则|规范|规程|通知|通告|公告|意见|决定|标准|准则|目录|批复|复函|答复|解释)${note}`,
  "u",
);

/** The standing of a rule by its title alone. A text whose title tells nothing is `other`. */
export function rankOfTitle(title: string): DocumentRank {
  const name = title.replace(/[《》〈〉\s]/gu, "").replace(/^中华人民共和国/u, "");
  if (courts.test(name)) return "judicial_interpretation";
  if (laws.test(name)) return "law";
  const isRule = rules.test(name) || regulations.test(name);
  if (isRule && placeOfTitle(name) !== undefined) return "local_rule";
  if (regulations.test(name) || regulationsByName.has(name) || (isRule && ofStateCouncil.test(name)))
    return "administrative_regulation";
  return isRule ? "departmental_rule" : "other";
}

/** The standing of a document: guides and the federation's own data are named as such. */
export function rankOfDocument(document: {
  readonly kind: DocumentKind;
  readonly title: string;
}): DocumentRank | "guide" | "local" {
  return document.kind === "guide" || document.kind === "local" ? document.kind : rankOfTitle(document.title);
}
