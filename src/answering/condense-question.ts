/** Thanks and openings before what is asked. */
const courtesy =
  /^(?:(?:好的?|嗯+|哦+|行|谢谢(?:你|您)?|多谢|感谢|知道了|明白了?|懂了|请问(?:一下)?|我?(?:还)?想问(?:一下|下)?)[，,。！!、；;~\s]*)+/u;
/** Words that point back to what was said before. */
const pointsBack =
  /^(?:那|这|它|他|她|还有|另外|如果|要是|假如|万一|要|需要|得|多久|多少|几|哪|去哪|到哪|在哪|怎么|怎样|为什么|凭什么|然后|所以|不|没|能|可以|会)/u;
const asksOn = /(?:呢|咧|吗|么|怎么办|咋办|咋个办)[?？。!！~]*$/u;
/** A matter named only under a condition or for short: "没有合同怎么办", "那工资呢" go on with what was said. */
const leansOn = /^(?:那|如果|要是|假如|万一|没有?|我没有?)/u;
const longestLeaning = 10;
/** Who is spoken of is no matter by itself: "老板不认呢" is about what was said before. */
const persons = /用人单位|老板|公司|单位|企业|平台|厂里|厂头|店里|工头|员工|职工|同事|工作|上班/gu;
/** Something that befell the body: a matter of its own, whatever was said before. */
const mishap = /伤|摔|崴|砸|烫|烧|触电|中毒|生病|得病|断了|骨折|晕倒|猝死|骗|黑中介/u;
/** Longer messages without a word that points back stand on their own. */
const longestFollowUp = 14;
const longestPointing = 24;
/** How many remarks between the matter and the question are taken along. */
const mostRemarks = 2;
const complaint =
  /不[签给交缴买发赔认管让准批放]|没(?:有)?[签给交缴买发]|拖欠|克扣|辞退|开除|解雇|裁员|被裁/u;
/** Whether something was a work injury is answered; what goes on is about work injuries. */
const asksForInjury = /算(?:不算)?(?:是)?工伤|是不是工伤|是工伤吗/u;
const recognition = /材料|手续|证明|不认|申请|填表/u;
/** The question part of an earlier message: answered already, it would only call the same answer again. */
const askedBefore =
  /请问|(?:我)?想问(?:一下|下)?|我想(?!法)|我要(?!求)|(?:最长|最多|至少|一年|每年|每月)?我?(?:可以|能够|应该|该|能|要|有|得|是)*(?:拿到|拿|领|赔|休)?(?:多久|多长时间|几天|几个月|多少[天钱]?|什么|啥子?|哪些|哪里|哪儿)|怎么(?:办|算|申请|弄|办理|处理)?|咋个?办?|如何|[吗呢么?？。!！]+$|有没有|能不能|可不可以|算不算|是不是/gu;

/**
 * Makes a question that can be searched alone out of one that continues a conversation: "那要多久呢" is searched
 * together with the matter that the contact told before. `earlier` holds the contact's own messages, oldest first;
 * `namesMatter` says whether a text names a matter of its own. A question about a new matter is left as it is.
 */
export function condenseQuestion(
  question: string,
  earlier: readonly string[],
  namesMatter: (text: string) => boolean,
): string {
  const text = question.trim();
  if (!isFollowUp(text, namesMatter)) return text;
  const remarks: string[] = [];
  for (const before of [...earlier].reverse().map((message) => message.trim())) {
    if (isFollowUp(before, namesMatter)) {
      if (remarks.length < mostRemarks && isRemark(spoken(before))) remarks.unshift(before);
      continue;
    }
    const matter = matterOf(before, text);
    return hasMatter(before, namesMatter) && !isOfTheSameKind(text, matter)
      ? [matter, ...remarks, spoken(text)].join(" ")
      : spoken(text);
  }
  return text;
}

function isFollowUp(message: string, namesMatter: (text: string) => boolean): boolean {
  const text = message.replace(courtesy, "");
  const length = [...text].length;
  if (hasMatter(text, namesMatter))
    return leansOn.test(text) && asksOn.test(text) && length <= longestLeaning;
  return length <= longestFollowUp || (length <= longestPointing && pointsBack.test(text));
}

function hasMatter(text: string, namesMatter: (text: string) => boolean): boolean {
  return mishap.test(text) || namesMatter(text.replace(persons, "，"));
}

/** Something told rather than asked; thanks are nothing to search for. */
function isRemark(text: string): boolean {
  return [...text].length >= 3 && !asksOn.test(text) && !pointsBack.test(text);
}

/** "那病假呢" after 年休假 asks for another of the kind instead of more about the first. */
function isOfTheSameKind(question: string, matter: string): boolean {
  const named = /^那么?(?<name>.{2,6})[呢咧][?？。!！~]*$/u.exec(question)?.groups?.name ?? "";
  return named !== "" && matter.endsWith(named.slice(-1));
}

/** What an earlier message is about, seen from the question that goes on; a complaint, and what is nothing but a question, stay whole. */
function matterOf(message: string, next: string): string {
  if (complaint.test(message)) return message;
  if (asksForInjury.test(message)) return recognition.test(next) ? "工伤认定" : "工伤";
  const matter = message.replace(courtesy, "").replace(askedBefore, " ").replace(/\s+/gu, " ").trim();
  return [...matter].length >= 2 ? matter : message;
}

const spoken = (text: string) =>
  text
    .replace(courtesy, "")
    .replace(/^那么?(?=.)/u, "")
    .replace(/(?:呢|咧)(?=[?？。!！~]*$)/u, "");
