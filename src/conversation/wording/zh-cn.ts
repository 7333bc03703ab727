import type { LocalData } from "../../knowledge/documents/local-data.ts";
import { hotlineList, type Wording } from "./wording.ts";

const fallback = (local: LocalData) =>
  hotlineList(local, local.federation.fallback_hotlines, "、", "（", "）");
const firstLine = (local: LocalData) => local.federation.fallback_hotlines[0];

/** What follows a recorded request, by what was found in the message; the first that fits is said. */
const handOverLeads: readonly (readonly [string, string])[] = [
  [
    "harassment",
    "您没有做错什么，这种事可以说出来，也应该有人帮您。请先保证自己安全，保留聊天记录、录音和证人；对方动手或威胁您，马上打110。",
  ],
  ["retaliation", "遇到报复或威胁，先保护好自己：有人动手或威胁您，马上打110，并保留记录和伤情照片。"],
  ["beaten", "您先去医院看伤，把诊断、照片和费用单据留好；打人的事可以打110报警，要求做伤情鉴定。"],
  ["child_labour", "让未满16周岁的孩子干活是法律不允许的，孩子的安全最要紧。"],
  ["death_or_serious_injury_refused", "出了这样的大事，您先别急着签任何协议，这件事需要有人帮您一起办。"],
  ["employer_fled", "老板联系不上时，时间很要紧：请尽快留住证据，尽快去登记。"],
  ["many_workers", "这么多工友一起遇到这件事，最好一起登记、推选代表去办，不要各自冲动。"],
];

export const chinese: Wording = {
  nothingFound: (local) =>
    `这个问题我在现有的资料里没有查到可靠的依据，不敢乱答。\n\n您可以这样做：\n· 换个说法再问一次，或者说说您的情况：做什么工作、遇到了什么事、什么时候的事。\n· 直接打电话问：${fallback(local)}。\n· 想找人帮忙，回复“人工”，我会把您的请求记下来。`,
  libraryUnavailable: (local) =>
    `资料库现在打不开，我没法查依据，所以先不回答，免得说错。请过几分钟再问一次；着急的话请打：${fallback(local)}。`,
  outOfScope: (reasons, local) => {
    if (reasons.includes("forgery") || reasons.includes("fraud_on_funds")) {
      return `这个忙我不能帮：做假材料可能要承担法律责任，还会让您有理的事变得没理。\n\n您真正想解决的是什么事？比如请病假、要工资、证明上过班，都有正当的办法，您说说情况，我帮您查。也可以打 ${firstLine(local)} 问问。`;
    }
    if (reasons.includes("revenge"))
      return `我明白您很生气，不过伤害别人的办法我不能帮。您把事情说给我听，我帮您找合法的路子，或者打 ${firstLine(local)} 请工会帮您。`;
    return `这件事不在我能答的范围里，我主要帮职工解答劳动权益和工会方面的问题。\n\n您可以找：\n· 法律问题（婚姻、房屋、借款等）：12348\n· 政府办事和生活求助：12345\n· 遇到危险：110\n\n工作上有什么难处，随时问我。`;
  },
  smallTalk: (reason, local) => {
    if (reason === "thanks") return "不客气，能帮上您就好。还有别的事随时问我。";
    if (reason === "goodbye") return "好的，有事随时来问。";
    const { name, assistant } = local.federation;
    const intro = `您好，我是${name}的“${assistant.short_name}”，是机器助手，不是真人。`;
    return `${intro}入会、工资、合同、工伤、休假、法律援助和工会福利的事都可以问我，我会告诉您依据是哪一条。想找人帮忙，回复“人工”，或者打 ${firstLine(local)}。`;
  },
  crisis: (reasons, local) => {
    if (reasons.includes("suicide")) {
      return "您先停一停，您的命比什么都要紧，钱和事情都还有办法。\n\n· 现在就打 12356（心理援助热线），有人会听您说。\n· 如果已经在高处、水边，或者身边有危险的东西，请马上离开，打 110；受了伤打 120。\n· 请叫一个您信得过的家人或工友，现在就陪着您。\n\n欠您的钱、受的委屈，等您平安了，我们一步一步来要。您愿意的话，回我一句您现在在哪里、是不是一个人。";
    }
    if (reasons.includes("medical_emergency")) {
      return "先救人：马上打 120，说清地点和伤情；有人触电先断电，中毒先到通风处，不要随便搬动伤者。有人受困或有危险打 110。\n\n人平安以后，工伤怎么报、费用谁出，您再问我，我帮您查。心里难受可以打 12356。";
    }
    if (reasons.includes("violence_planned")) {
      return `您的气我能理解，但请先停下来，别让自己搭进去。伤了人，有理也变没理。\n\n· 现在就离开那个地方，打 12356 找人说一说。\n· 有人要受伤害时打 110，受了伤打 120。\n· 您的事可以合法地讨回来：请打 ${firstLine(local)}，或者把事情告诉我，我帮您查怎么办。`;
    }
    return `先保证安全：马上打 110，说清您在哪里、发生了什么；受了伤打 120。能离开就先离开，离不开就把位置发给信得过的人。\n\n心里害怕可以打 12356。安全以后再告诉我，工作上的事我帮您查，也可以打 ${firstLine(local)}。`;
  },
  handOverStarted: (reasons, local) => {
    const lead = handOverLeads.find(([reason]) => reasons.includes(reason))?.[1];
    const recorded = `您想找人帮忙的请求我已经记下了。眼下请直接打电话，最快能找到人：${fallback(local)}。`;
    return lead === undefined ? recorded : `${lead}\n\n${recorded}`;
  },
  handOverOffered: (local) => `需要人帮您的话，回复“人工”，或者打 ${firstLine(local)}。`,
  apology: (local) => `抱歉，刚才处理您的消息时出了问题。请再发一次，或者打 ${firstLine(local)}。`,
};

/** Questions to begin with, as workers ask them; the page offers them before the first message. */
export const exampleQuestions: readonly string[] = [
  "公司一直不签合同我能要什么赔偿",
  "工资拖了三个月没发，到哪里告",
  "上班路上被车撞了算不算工伤",
  "没有工会的公司，我怎么加入工会",
  "被辞退了能拿多少补偿",
  "家里困难，工会能帮什么",
];
