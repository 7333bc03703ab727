/** What this channel itself puts into words; everything else is said by the turn. */
export interface ChannelWording {
  /** Heads the list of sources, and labels the answer as a machine's. */
  readonly sources: string;
  /** Before a text that the contact may have already. */
  readonly repeat: string;
  /** Before a text that waited while the channel was down. */
  readonly late: string;
  /** Before a text that a person wrote. */
  readonly mediator: string;
}

const zhCn: ChannelWording = {
  sources: "机器助手回答，来源：",
  repeat: "（重发）上一条不知道您收到没有，再发一遍：",
  late: "（迟到的回复）刚才线路不通，让您久等了：",
  mediator: "【调解员】",
};

const en: ChannelWording = {
  sources: "Answered by a machine. Sources:",
  repeat: "(Sent again) You may have this already:",
  late: "(Late reply) The connection was down. Sorry for the wait:",
  mediator: "[Mediator]",
};

/** The words that go with a text: Chinese, unless it holds no Chinese character and a Latin letter. */
export function wordingFor(text: string): ChannelWording {
  return !/\p{Script=Han}/u.test(text) && /[a-z]/i.test(text) ? en : zhCn;
}

/** The longest of what is put before one part, with its line breaks: room that must stay free. */
export const longestPrefix = Math.max(
  ...[zhCn, en].map(({ repeat, late }) => repeat.length + late.length + 2),
);

/** Shown where a button can no longer say what it stood for. */
export const expiredButton =
  "这个按钮过期了，请直接打字告诉我。This button has expired, please type instead.";

/** The menu of commands by language code; the empty one is for everybody else. */
export const commandMenus = {
  "": {
    start: "开始",
    help: "我能帮您做什么",
    human: "转人工",
    forget: "删除我的信息",
  },
  en: {
    start: "Start",
    help: "What I can do for you",
    human: "Talk to a person",
    forget: "Delete my data",
  },
} as const;
