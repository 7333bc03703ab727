import type { About, Answer, Message, Passage } from "../../src/pages/chat/api-types.ts";

/** What the fake worker API knows: one answer with sources, one without, one long, one hostile. */

export const fakeAbout: About = {
  federation: "重庆市总工会",
  assistant: "渝工娘家人",
  hotlines: [
    {
      number: "12351",
      name: "全国工会服务热线",
      purpose: "问入会、工会福利，说您的劳动纠纷，请工会帮忙。",
    },
    { number: "12348", name: "公共法律服务热线", purpose: "免费问法律，了解怎么申请法律援助。" },
    {
      number: "12333",
      name: "人力资源和社会保障热线",
      purpose: "问工资、社保、工伤、仲裁，举报单位欠薪。",
    },
    {
      number: "110",
      name: "报警电话",
      purpose: "有人打人、威胁、限制自由，马上报警。",
      when: "24小时",
    },
  ],
  examples: [
    "公司一直不签合同我能要什么赔偿",
    "老板拖了三个月工资怎么办",
    "送外卖的可以加入工会吗",
    "上班路上被车撞了算不算工伤",
    "怀孕了公司要辞退我",
    "怎么申请免费的法律援助",
  ],
  limits: { messageCharacters: 4000 },
};

const groundedText = [
  "公司超过一个月不签书面合同，您可以要两倍工资，从用工满一个月的次日算起，最多算到满一年的前一日[1]。",
  "满一年还不签，就视为已经签了无固定期限合同[2]。",
  "",
  "怎么办：",
  "1. 先收好能证明您在这里上班的东西：工资流水、工牌、考勤、聊天记录[3]。",
  "2. 请单位补签合同，说话留下录音或文字。",
  "3. 谈不拢，去劳动仲裁，不收钱；也可以先拨打 12351 请工会帮忙。",
  "",
  "要注意：",
  "· 仲裁一般要在一年内提出，过了就难了[3]。",
  "· 双倍的那一份不含您已经领到的工资。",
].join("\n");

const groundedAnswer: Answer = {
  state: "grounded",
  handOver: "none",
  citations: [
    {
      index: 1,
      chunkId: "law-contract-82",
      document: "中华人民共和国劳动合同法",
      section: "第八十二条",
      source: "《劳动合同法》第八十二条，2013年7月1日施行",
      quote:
        "用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当向劳动者每月支付二倍的工资。",
    },
    {
      index: 2,
      chunkId: "law-contract-14",
      document: "中华人民共和国劳动合同法",
      section: "第十四条",
      source: "《劳动合同法》第十四条，2013年7月1日施行",
      quote:
        "用人单位自用工之日起满一年不与劳动者订立书面劳动合同的，视为用人单位与劳动者已订立无固定期限劳动合同。",
    },
    {
      index: 3,
      chunkId: "guide-evidence",
      document: "没有合同，怎么证明在这里上过班",
      section: "怎么办",
      source: "《劳动争议调解仲裁法》第二十七条，2008年5月1日施行",
      quote: "工资流水、工牌、考勤记录都能作证据。",
    },
  ],
};

const hostileText = '<img src=x onerror="document.title=1">\n<b>不是粗体</b> [9] **也不是**';

const offeredAnswer: Answer = { state: "nothing_found", handOver: "offered", citations: [] };

const lawContext = [
  {
    id: "law-contract-81",
    section: "第八十一条",
    text: "用人单位提供的劳动合同文本未载明本法规定的劳动合同必备条款或者用人单位未将劳动合同文本交付劳动者的，由劳动行政部门责令改正；给劳动者造成损害的，应当承担赔偿责任。",
    current: false,
  },
  {
    id: "law-contract-82",
    section: "第八十二条",
    text: "用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当向劳动者每月支付二倍的工资。\n用人单位违反本法规定不与劳动者订立无固定期限劳动合同的，自应当订立无固定期限劳动合同之日起向劳动者每月支付二倍的工资。",
    current: true,
  },
  {
    id: "law-contract-83",
    section: "第八十三条",
    text: "用人单位违反本法规定与劳动者约定试用期的，由劳动行政部门责令改正。",
    current: false,
  },
];

/** Passages by chunk id; any other id answers 404, as a withdrawn document does. */
export const fakePassages: Readonly<Record<string, Passage>> = {
  "law-contract-82": {
    id: "law-contract-82",
    document: "中华人民共和国劳动合同法",
    section: "第八十二条",
    path: ["第七章 法律责任", "第八十二条"],
    text: lawContext[1]?.text ?? "",
    source: "《劳动合同法》第八十二条",
    region: "全国",
    effective: "2013-07-01",
    verified: "2026-11-21",
    context: lawContext,
  },
  "guide-evidence": {
    id: "guide-evidence",
    document: "没有合同，怎么证明在这里上过班",
    section: "怎么办",
    path: ["怎么办"],
    text: "- 工资流水、工牌、考勤记录都能作证据。\n- 聊天记录不要删。",
    source: "《劳动争议调解仲裁法》第二十七条",
    region: "全国",
    effective: "2008-05-01",
    verified: "2026-11-21",
    context: [
      {
        id: "guide-evidence-0",
        section: "",
        text: "没有合同也能证明劳动关系，关键是留下记录。",
        current: false,
      },
      {
        id: "guide-evidence",
        section: "怎么办",
        text: "- 工资流水、工牌、考勤记录都能作证据。\n- 聊天记录不要删。",
        current: true,
      },
    ],
  },
};

interface Reply {
  readonly text: string;
  readonly answer: Answer;
  readonly quickReplies?: readonly string[];
}

/** What the fake says to a message. */
export function fakeReply({ text: question, attachments = [] }: Message): Reply {
  if (attachments.length > 0) {
    const text = `收到${attachments.length}个文件，已经为您保存好。这是哪个月的工资条？`;
    return { text, answer: offeredAnswer, quickReplies: ["3月", "4月", "记不清了"] };
  }
  if (question.includes("人工")) {
    const text = "已经记下您要找人。现在没有值班的人，急的话请拨打 12351。";
    return { text, answer: { state: "grounded", handOver: "started", citations: [] } };
  }
  if (question.includes("尖括号")) return { text: hostileText, answer: offeredAnswer };
  if (question.includes("没有的事")) {
    return {
      text: "这件事我没有找到依据，不敢乱说。您可以拨打 12351，或者找人帮忙。",
      answer: offeredAnswer,
    };
  }
  return { text: groundedText, answer: groundedAnswer };
}
