import { shortTitle } from "../knowledge/retrieval/article-references.ts";

const labourDisputes = "关于审理劳动争议案件适用法律问题的解释";
/** Names that people and guides use, each for exactly one text. */
const shortNames: Readonly<Record<string, string>> = {
  "劳动争议司法解释(一)": `${labourDisputes}(一)`,
  "审理劳动争议案件解释(一)": `${labourDisputes}(一)`,
  "劳动争议案件解释(一)": `${labourDisputes}(一)`,
  "劳动争议解释(一)": `${labourDisputes}(一)`,
  "解释(一)": `${labourDisputes}(一)`,
  "劳动争议司法解释(二)": `${labourDisputes}(二)`,
  "审理劳动争议案件解释(二)": `${labourDisputes}(二)`,
  "劳动争议案件解释(二)": `${labourDisputes}(二)`,
  "劳动争议解释(二)": `${labourDisputes}(二)`,
  "解释(二)": `${labourDisputes}(二)`,
  拒不支付劳动报酬刑事案件解释: "关于审理拒不支付劳动报酬刑事案件适用法律若干问题的解释",
  工伤保险行政案件规定: "关于审理工伤保险行政案件若干问题的规定",
  调解仲裁法: "劳动争议调解仲裁法",
  社保法: "社会保险法",
  民诉法: "民事诉讼法",
  劳动监察条例: "劳动保障监察条例",
  年休假条例: "职工带薪年休假条例",
  带薪年休假条例: "职工带薪年休假条例",
  农民工工资支付条例: "保障农民工工资支付条例",
  女职工特别规定: "女职工劳动保护特别规定",
  工会章程: "中国工会章程",
};
const publisher =
  /^(?:国务院|最高人民法院|全国总工会|中华全国总工会|劳动部|劳动和社会保障部|人力资源和?社会保障部)(?:办公厅)?(?=关于)/u;
const edition = /\((?:\d{4}[^()]*|[^()]*修[正订][^()]*|试行)\)$/u;

/**
 * One form for all names of one law: 《中华人民共和国劳动合同法》 and 劳动合同法 are one, and so are a text's full
 * title and its common short names. Two different laws never share a form.
 */
export function canonicalLaw(name: string): string {
  const bare = shortTitle(name.normalize("NFKC").replace(/[\s《》〈〉<>]/gu, ""))
    .replace("中华人民共和国", "")
    .replace(edition, "")
    .replace(publisher, "");
  return Object.hasOwn(shortNames, bare) ? (shortNames[bare] as string) : bare;
}

/** What a law's name ends in. */
export const lawEnding =
  /(?:法|法典|条例|规定|办法|章程|细则|决定|解释(?:\([一二三四五六]\))?|意见|通知|批复|复函)$/u;

export interface NameMention {
  /** As `canonicalLaw` gives it. */
  readonly name: string;
  /** Place of 《 and the place after 》. */
  readonly start: number;
  readonly end: number;
}

/** The outermost names in 《》, in order. A name that is never closed is none. */
export function namesIn(text: string): NameMention[] {
  const mentions: NameMention[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: mark, index } of text.matchAll(/[《》]/gu)) {
    if (mark === "《") {
      if (depth === 0) start = index;
      depth += 1;
    } else if (depth > 0) {
      depth -= 1;
      if (depth === 0)
        mentions.push({ name: canonicalLaw(text.slice(start, index + 1)), start, end: index + 1 });
    }
  }
  return mentions;
}

/** Words after which a name may begin inside running text. */
export const beforeName =
  /(?:根据|依据|依照|按照|参照|违反|适用|以及|就是|国|按|依|据|由|在|是|见|看|和|与|及|对|用|或)$/u;

/** Whether running text names a law without 《》; 劳动合同法 does not name 合同法, 劳动法律 does not name 劳动法. */
export function mentionsName(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const before = text.slice(Math.max(0, at - 4), at);
    const after = text.slice(at + name.length);
    const begins = !/\p{Script=Han}$/u.test(before) || beforeName.test(before);
    if (begins && !/^(?:律|规|学|治|院|官|实施|司法|执法|庭|典)/u.test(after)) return true;
  }
  return false;
}
