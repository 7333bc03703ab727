import { maskPersonalNumbers } from "../answering/mask-personal-numbers.ts";
import { longestRead, plainWords } from "./signs/plain-words.ts";
import { type Triage, triage } from "./triage.ts";
import { labourSubject } from "./triage-rules.ts";

/**
 * How a message is met in a group, where everybody reads along. `general`: it asks what the rules are. `personal`:
 * it tells of somebody's own matter, which is not spoken of there. `crisis`: help first, then a private chat.
 */
export type GroupManner = "general" | "personal" | "crisis";

/** Decides by rules alone; where it is in doubt about a person's own matter, it is `personal`. Pure. */
export function groupManner(message: string, decision: Triage = triage(message)): GroupManner {
  if (decision.course === "crisis") return "crisis";
  if (decision.course === "hand_over") return "personal";
  return isPersonal(message) ? "personal" : "general";
}

/**
 * Whether a message speaks of somebody's own matter, or names a person, an employer or a number of theirs. Reads
 * `longestRead` characters: no channel hands over a longer message.
 */
export function isPersonal(message: string): boolean {
  const read = message.slice(0, longestRead);
  if (maskPersonalNumbers(read) !== read) return true;
  const text = plainWords(read).replace(courtesy, "，").replace(place, "");
  if (namesSomebody.test(text) || ownFigures.test(text) || ownEvent.test(text)) return true;
  if (selfInEnglish.test(text)) return matterInEnglish.test(text) && !joiningInEnglish.test(text);
  if (!self.test(text)) return false;
  return trouble.test(text) || (labourSubject.test(text) && !openToAll.test(text));
}

const whom = "(?:我们?|咱们?|俺们?|大家)";
const tell = "查查|查|看看|看|问|找|算|讲讲|讲|说说|说|介绍|科普|普及|解释|解答|摆";

/** Ways to ask and to say that one does not know: they tell nothing of who asks. */
const courtesy = new RegExp(
  [
    "我?(?:就|只是|还)?(?:想|要|来|再)?(?:请)?(?:问|咨询|了解|请教|打听|知道)(?:一下|一哈|下|问|个问题|大家)?",
    `(?:帮|告诉|请教)(?:一?下)?${whom}(?:${tell})?(?:一?下)?|(?:给|跟|教|替|回答|提醒)(?:一?下)?${whom}(?:${tell})(?:一?下)?`,
    "我(?:们)?(?:也|还|都|一直|真的?)?(?:不太|不大|不)?(?:懂|明白|清楚|晓得|听说|听人说|看到|觉得|以为|记得|理解|感觉|建议|发现)",
    "(?:自我|我国|我市|我区|我省|我县|忘我|你我他|我的天|我去(?=，|,|$)|我靠)",
  ].join("|"),
  "gu",
);

/** All of a place or of a group is nobody's own matter. */
const place = /(?:我们|咱们|俺们|我|咱)(?:这(?:里|边|儿|个?群)?|那边|重庆|本地|当地|国家|中国|群里?|大家)/gu;

const self = /我|俺|咱|本人|自己家|家里人/u;

/** Union services that anybody may ask for in front of others. */
const openToAll =
  /入会|(?:加入|参加|进)(?:了)?(?:总)?工会|工会(?:会员|卡|的?活动|的?福利|在哪|怎么|电话)|会员卡|驿站|港湾|疗休养|培训|学历|职业技能|公园|乘车|观影|看电影|相亲|联谊|托管|热线|几点(?:开|关|上班|下班)|普法|讲座/u;

/** What makes any word about oneself a matter of one's own. */
const trouble =
  /欠|拖|扣|辞退|开除|解雇|炒|裁|赶走|骂|打(?!电话|卡|听|算|工)|骚扰|威胁|逼|伤|病|残|怀孕|流产|孕|离婚|家暴|报复|举报|投诉|告(?!诉|知)|仲裁|起诉|官司|赔|补偿|不(?:给|发|签|交|缴|买|让|批|认|管|付|退)|没(?:有)?(?:给|发|签|交|缴|买|付|拿|领|退)|困难|贫困|低保|身份证|银行卡|工资条|月薪|底薪|离职|辞职|委屈|难受|害怕/u;

/** Sums, dates and durations of one's own, also where nobody is named. */
const ownFigures = new RegExp(
  [
    "(?:月薪|底薪|时薪|日薪|年薪|到手|(?<!最低|平均|社平)工资|工钱|薪水|提成|奖金|押金|补偿金?|赔偿金?)(?:是|有|才|只有|就|每月|一个月|大概|约|差不多|给了?|了)?\\d{3,}",
    "(?:欠|拖欠|扣|少发|少给|克扣|垫|罚)(?:了|着|起)?(?:大概|差不多|近|将近)?(?:\\d{2,}|[一二三四五六七八九几两]+[千百万])",
    "(?:干|做|上班|工作|打工|待|呆)(?:了|满)?(?:快|差不多|将近|有)?(?:\\d{1,2}|[一二三四五六七八九十两]{1,3}|半)(?:个)?(?:多)?(?:年|月)(?:多|半)?(?!以上|以下|以内|的(?:员工|职工|工人|人))",
  ].join("|"),
  "u",
);

/** Something that has just happened to somebody, a body that was hurt, a family in need. */
const ownEvent = new RegExp(
  [
    "(?:昨天|前天|今天|今早|今晚|昨晚|刚才|刚刚|上周|上个?星期|上个?月|这个?月|前几天|现在)(?!的?(?:规定|政策|标准|法律|最低|新|是多少|还有|怎么))[^？?]{0,16}(?:被|叫|让|通知|不给|不发|没发|没给|受伤|摔|砸|压|开除|辞退|走人|跑了|关门|停工|倒闭|打人|骂)",
    "(?:手|脚|腿|腰|头|眼睛?|指头?|手指|胳膊|肋骨)(?:被|让)?.{0,6}(?:断|伤|压|砸|轧|绞|烫|烧|骨折)(?:了|着|断|伤|坏)|住院治|在家养|养伤",
    "(?:鉴定|评)(?:成|了|为|上|的是)?(?:工伤)?[一二三四五六七八九十\\d]{1,2}级",
    "怀(?:起|了|孕|胎|孩子)?(?:快|都|已经)?[一二三四五六七八九十两\\d]{1,2}个(?:多)?月",
    "(?:弟|妹|哥|姐|儿子|女儿|孩子|老公|老婆)(?:才|刚|今年|只有|还|满)*\\d{1,2}岁",
    "家里.{0,8}(?:困难|恼火|穷|没钱|没有钱|揭不开锅|没有米|生病|大病|住院)",
  ].join("|"),
  "u",
);

const surname =
  "[王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤]";
const title =
  "(?:总(?!工会|是|要|得|有|体|共|量|数|额|的|之|部|包|公司)|经理|老板|主任|队长|班长|厂长|组长|工头|老总|师傅|哥(?!们)|姐(?!妹)|先生|女士|某)";

/** A person, or an employer by its registered name. */
const namesSomebody = new RegExp(
  [
    `(?<!\\p{Script=Han})${surname}${title}`,
    `(?:老板|经理|主任|队长|班长|厂长|组长|工头|主管|同事|工友|领导|我)(?:名字)?(?:叫|姓)(?!做|我|他|她|你|人|什么|停|大家|我们|去|来|加班|上班)\\p{Script=Han}{1,3}`,
    `(?:老板|经理|主任|队长|班长|厂长|组长|工头|主管|包工头)${surname}\\p{Script=Han}{1,2}(?=$|[，,。!！?？的不欠拖扣打骂跑说])`,
    "\\p{Script=Han}{2,}(?:有限(?:责任)?公司|股份公司|集团公司)",
  ].join("|"),
  "u",
);

const selfInEnglish = /\b(?:i|me|my|mine|myself|we|us|our|ours)\b/iu;
const matterInEnglish =
  /\b(?:boss|wages?|salary|paid|pay|fired|dismissed|contract|injur\w*|hurt|overtime|sick|pregnan\w*|harass\w*|owes?|owed|company|factory|employer|manager|insurance|arbitration|lawyer|compensation|quit|resign\w*)\b/iu;
const joiningInEnglish = /\bjoin\b.{0,20}\bunion\b|\bunion\b.{0,20}\b(?:member|card)/iu;
