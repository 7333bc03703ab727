import { maskPersonalNumbers } from "./mask-personal-numbers.ts";

/** A masked number with the word that announces it: 手机〔手机号〕, 身份证号码：〔身份证号〕. */
const announced =
  /(?:我的?)?(?:身份证|手机|电话|联系方式|微信|银行卡|卡|账)?(?:号码?)?(?:是|为)?[:：]?\s*〔[^〕]{2,8}〕/gu;

/** A question without personal numbers: they say nothing about the matter and must not steer the search. */
export function searchableText(question: string): string {
  const text = maskPersonalNumbers(question).replace(announced, " ").trim();
  return text === "" ? question : text;
}
