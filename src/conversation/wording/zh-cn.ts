import type { LocalData } from "../../knowledge/documents/local-data.ts";
import { hotlineList } from "./hotline-list.ts";
import { chineseManners } from "./manners-zh-cn.ts";
import type { Wording } from "./wording.ts";

const fallback = (local: LocalData) =>
  hotlineList(local, local.federation.fallback_hotlines, "、", "（", "）");
const firstLine = (local: LocalData) => local.federation.fallback_hotlines[0];

const slowly =
  "您慢慢说，遇到什么事了？比如工资没发、干活受了伤、被辞退，用自己的话说就行，打字不方便就说短一点。";

/** What follows a recorded request, by what was found in the message; the first that fits is said. */
const handOverLeads: readonly (readonly [string, string])[] = [
  [
    "harassment",
    "您没有做错什么，不用忍，也不用怪自己，这种事应该有人帮您。请先保证自己安全，尽量不要单独跟对方待在一起；聊天记录、录音、照片先留着。对方动手或威胁您，马上打110；想找人说说，也可以打12338（妇女维权公益服务热线）。您不想说的细节，可以不说。",
  ],
  [
    "retaliation",
    "您举报、作证、参加工会都是正当的，因为这个被报复，不是您的错。请把排班、调岗、扣钱、踢群这些前后变化的记录留好；有人动手或威胁您，马上打110。",
  ],
  ["beaten", "您先去医院看伤，把诊断、照片和费用单据留好；打人的事可以打110报警，要求做伤情鉴定。"],
  [
    "child_labour",
    "谢谢您把孩子的事说出来。让未满16周岁的孩子干活，法律是不允许的；孩子要是受了伤、挨了打或者出不来，请马上打110或120。您记下地方和时间就好，不用自己去跟老板理论。",
  ],
  [
    "death_or_serious_injury_refused",
    "出了这样的大事，我们很难过。您先别急着签任何协议，病历和单据留好，这件事需要有人帮您一起办。",
  ],
  ["employer_fled", "老板联系不上时，时间很要紧：请尽快留住证据，尽快去登记。"],
  ["many_workers", "这么多工友一起遇到这件事，最好一起登记、推选代表去办，不要各自冲动。"],
];

const protectYourself = (line: string | undefined) =>
  `先保证安全：马上打 110，说清您在哪里、发生了什么；受了伤打 120。能离开就先离开，离不开就躲好、把门顶住，把位置发给信得过的人。\n\n心里害怕可以打 12356。安全以后再告诉我，工作上的事我帮您查，也可以打 ${line}。`;

/** What to do first, by what was found in the message; the first that fits is said. */
const crisisTexts: readonly (readonly [string, (line: string | undefined) => string])[] = [
  [
    "self_harm_done",
    () =>
      "马上打 120，一刻都不要等，说清吃了什么、喝了什么或者伤在哪里，人在什么地方。现在救，还来得及。\n\n· 把门打开，别反锁，让人进得来。\n· 药瓶、农药瓶、包装都留着，交给医生看。\n· 不要自己抠喉咙催吐，也不要乱喝东西，听 120 医生的话。\n· 流血的地方用干净的布用力压住，不要松手。\n· 马上叫身边的人过来陪着，等救护车来。\n\n人救过来以后，心里的苦可以打 12356 说一说，有人听。钱和事情都还有办法，我们一步一步来。",
  ],
  [
    "suicide",
    () =>
      "您先停一停，您的命比什么都要紧，钱和事情都还有办法。\n\n· 现在就打 12356（心理援助热线），有人会听您说。\n· 如果已经在高处、水边，或者身边有药、刀这些危险的东西，请马上离开，打 110；吃了药或者受了伤打 120。\n· 请叫一个您信得过的家人或工友，现在就陪着您。\n· 要是您在担心别人：别让他一个人待着，马上打 110，说清他在哪里。\n\n欠的钱、受的委屈，等人平安了，我们一步一步来要。您愿意的话，回我一句现在在哪里、是不是一个人。",
  ],
  [
    "fire_or_collapse",
    () =>
      "马上打 119，有人受伤同时打 120，说清地点、还有几个人在里面。\n\n· 先往外跑，不要回去拿东西，不要坐电梯；有烟就弯下腰，用湿布捂住口鼻。\n· 跑不出去就关紧门，用湿布塞住门缝，到窗口呼救。\n· 有人被埋被压，不要一窝蜂去挖、去拉，防止再塌再倒，等消防来救。\n· 闻到煤气、天然气，不要开灯、不要点火，到外面再打电话。\n\n人平安以后，工伤怎么报、损失谁来赔，您再问我。心里难受可以打 12356。",
  ],
  [
    "medical_emergency",
    () =>
      "先救人：马上打 120，说清地点和伤情；有人触电先断电，中毒先到通风处，流血用干净的布用力压住，不要随便搬动伤者，也不要跟着下井、下池去拉人。有人受困打 119，有危险打 110。\n\n人平安以后，工伤怎么报、费用谁出，您再问我，我帮您查。心里难受可以打 12356。",
  ],
  [
    "violence_now",
    (line) =>
      `马上打 110，说清在哪里、有多少人、有没有刀棍；有人受伤打 120。\n\n· 先躲开，带着人往人多、有灯、有门的地方走，不要还手，不要去夺刀。\n· 走不脱就锁好门，把位置发给信得过的人。\n· 安全以后把伤情、现场和看到的人记下来，拍照片，去医院看伤。\n\n要回工资、追究打人的事，等您安全了我帮您查，也可以打 ${line}。心里害怕可以打 12356。`,
  ],
  ["held", protectYourself],
  [
    "violence_planned",
    (line) =>
      `您的气我能理解，但请先停下来，别让自己搭进去。伤了人，有理也变没理。\n\n· 现在就离开那个地方，打 12356 找人说一说。\n· 有人要受伤害时打 110，受了伤打 120。\n· 您的事可以合法地讨回来：请打 ${line}，或者把事情告诉我，我帮您查怎么办。`,
  ],
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
    if (reason === "unclear") return slowly;
    if (reason === "sad")
      return `${slowly}\n\n心里要是难受，可以打 12356（心理援助热线），有人听您说，不用一个人扛着。`;
    if (reason === "noise") return `这条我没看懂。${slowly}`;
    if (reason === "other_script")
      return "这条我没看懂，我只会中文，也能懂一点英文。请您换中文再说一次。\nPlease write in Chinese or English.";
    const { name, assistant } = local.federation;
    const intro = `您好，我是${name}的“${assistant.short_name}”，是机器助手，不是真人。`;
    return `${intro}入会、工资、合同、工伤、休假、法律援助和工会福利的事都可以问我，我会告诉您依据是哪一条。想找人帮忙，回复“人工”，或者打 ${firstLine(local)}。`;
  },
  crisis: (reasons, local) =>
    (crisisTexts.find(([reason]) => reasons.includes(reason))?.[1] ?? protectYourself)(firstLine(local)),
  handOverStarted: (reasons, local) => {
    const lead = handOverLeads.find(([reason]) => reasons.includes(reason))?.[1];
    const recorded = `您想找人帮忙的请求我已经记下了。眼下请直接打电话，最快能找到人：${fallback(local)}。`;
    return lead === undefined ? recorded : `${lead}\n\n${recorded}`;
  },
  handOverOffered: (local) => `需要人帮您的话，回复“人工”，或者打 ${firstLine(local)}。`,
  apology: (local) => `抱歉，刚才处理您的消息时出了问题。请再发一次，或者打 ${firstLine(local)}。`,
  manners: chineseManners,
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
