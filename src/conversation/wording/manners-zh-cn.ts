import type { LocalData } from "../../knowledge/documents/local-data.ts";
import type { RefusalReason } from "../../messaging/refusal-reason.ts";
import type { ChinaTime } from "../china-time.ts";
import { hotlineList } from "./hotline-list.ts";
import type { Counted, GroupWording, Manners } from "./manners.ts";

const firstLine = (local: LocalData) => local.federation.fallback_hotlines[0];
const fallback = (local: LocalData) =>
  hotlineList(local, local.federation.fallback_hotlines, "、", "（", "）");

const shortMoment = ({ month, day, clock }: ChinaTime) => `${month}月${day}日 ${clock}`;
const moment = (at: ChinaTime) => `${at.year}年${shortMoment(at)}`;
const days = (count: number) => `${count}天`;

const names: Readonly<Record<keyof Counted, string>> = {
  photo: "照片",
  video: "视频",
  voice: "语音",
  file: "文件",
};
const units: Readonly<Record<keyof Counted, string>> = { photo: "张", video: "段", voice: "段", file: "个" };

/** 照片; 3张照片、1个文件 where there are several. */
function counted(all: Counted): string {
  const kinds = (Object.keys(names) as (keyof Counted)[]).filter((kind) => all[kind] > 0);
  const [only] = kinds;
  if (kinds.length === 1 && only !== undefined && all[only] === 1) return names[only];
  return kinds.map((kind) => `${all[kind]}${units[kind]}${names[kind]}`).join("、");
}

const refusals: Readonly<Record<RefusalReason, string>> = {
  too_large: "太大了，没能存下来。请拍小一点，或者把最要紧的那部分截出来再发。",
  too_many_pixels: "尺寸太大了，没能存下来。请截个图，或者重新拍一张再发。",
  empty: "是空的，里面没有东西。请再发一次。",
  unreadable: "打不开，可能是坏了，也可能是我不认得的格式，没能存下来。请把内容拍成照片再发。",
  harmful: "可能带病毒，为了您和大家的安全，我没有收。请把内容拍成照片再发。",
  unsupported: "这里收不了。请打字说，或者拍成照片再发。",
  gone: "已经取不到了，可能是过期了，也可能是撤回了。请再发一次。",
  timeout: "没有传完，网络可能不太好。请再发一次。",
  unavailable: "刚才没存上，是我这边出了问题，对不起。请过一会儿再发一次。",
};

/** The number that helps first, by what was found in the message; the first that fits is said. */
const groupCrisis: readonly (readonly [string, string])[] = [
  ["self_harm_done", "马上打 120，一刻也别等，说清人在哪里；身边的人先过去陪着。"],
  [
    "suicide",
    "请现在就打 12356（心理援助热线），有人会听；有危险马上打 110，受了伤打 120。身边的工友请陪着，别让人一个人待着。",
  ],
  ["fire_or_collapse", "马上打 119，有人受伤打 120。先往外跑，不要回去拿东西。"],
  ["medical_emergency", "马上打 120，说清地点和伤情；有人受困打 119。"],
  ["violence_now", "马上打 110，说清在哪里；有人受伤打 120。先躲开，不要还手。"],
  ["held", "马上打 110，说清在哪里；有人受伤打 120。"],
  ["violence_planned", "请先停下来，离开那个地方。有人要受伤害就打 110；心里过不去，打 12356，有人会听。"],
];
const anyDanger = "马上打 110，说清在哪里；有人受伤打 120；心里难受打 12356，有人会听。";

const group: GroupWording = {
  greeting: (local) =>
    `大家好，我是${local.federation.name}的“${local.federation.assistant.short_name}”，是机器助手，不是真人。在群里可以问我规定是怎么说的，比如加班费怎么算、年假有几天。自己的事请点我的头像单独说，免得大家都看见。`,
  invite: (local) =>
    `这是您自己的事，群里大家都看得见，我不在这里说。请点我的头像，单独给我发消息，我帮您慢慢看；也可以打 ${firstLine(local)}。`,
  ownMatters: () => "要说您自己的情况，请点我的头像，单独给我发消息，群里大家都看得见。",
  crisis: (reasons) => {
    const line = groupCrisis.find(([reason]) => reasons.includes(reason))?.[1] ?? anyDanger;
    return `${line}\n\n别的话不用在群里说，点我的头像，单独给我发消息，我在。`;
  },
  nothingFound: (local) =>
    `这个问题我在现有的资料里没有查到可靠的依据，不敢乱答。可以打电话问：${fallback(local)}。要说您自己的情况，请点我的头像，单独给我发消息。`,
  human: (local) =>
    `群里不方便说您自己的事。想找人帮忙，请点我的头像，单独给我发“人工”，我在那边替您记下来；也可以直接打 ${firstLine(local)}。`,
  forget: () =>
    "删除要单独办：请点我的头像，给我发“删除我的信息”，我把您和我单独聊的都删掉。发在群里的话大家已经看到了，我收不回来，您可以自己在群里撤回。",
  files: () => "照片、语音和文件请不要发在群里，上面可能有名字、身份证号和工资。请点我的头像，单独发给我。",
};

export const chineseManners: Manners = {
  notice: (local, keptDays) =>
    `先跟您说清楚：\n· 我是机器助手，不是真人。我说的是一般信息，不是法律意见。\n· 您发来的文字、照片、语音会存下来，用来回答您、替您留着证据，不会交给您的单位。${keptDays > 0 ? `最后一次联系后${days(keptDays)}自动删掉；` : ""}想早点删，随时发“删除我的信息”。\n· 想找人帮忙，发“人工”，或者打 ${firstLine(local)}。`,
  start: (local) =>
    `您好，我是${local.federation.name}的“${local.federation.assistant.short_name}”，是机器助手。工资、合同、工伤、休假、入会、工会福利，遇到什么事直接打字告诉我，像跟工友说话一样就行，我会告诉您依据是哪一条。\n\n想看看还能做什么，发“帮助”。`,
  help: (local) =>
    `您可以这样用：\n· 遇到什么事，直接打字告诉我，一句话就行。\n· 合同、工资条、聊天记录的照片可以发过来，我替您存好，留作证据。\n· 发“人工”：我把您要找人帮忙的请求记下来。\n· 发“删除我的信息”：您说过的话、发来的东西，我都删掉。\n\n着急就直接打电话：${fallback(local)}。有危险打 110，受了伤打 120，心里难受打 12356。`,
  personWord: "转人工",
  examples: ["工资拖着不发怎么办", "公司一直不签合同怎么办", "没有工会的公司怎么加入工会"],

  forgetAsked: (openRequest) =>
    openRequest
      ? "您有一个求助请求还没办完。删掉以后，就没人能从这里找到您；以后再要人帮忙，得从头说起，发来的证据也找不回来。\n\n确定要删，请回复“确认删除”；想留着，回复“先不删”。"
      : "要把您的信息都删掉吗？说过的话，发来的照片、语音和文件都会删掉，找不回来。\n\n确定要删，请回复“确认删除”；想留着，回复“先不删”。",
  confirmForget: "确认删除",
  keep: "先不删",
  kept: (openRequest) =>
    openRequest ? "好的，什么都没有删，您的求助请求也还在。" : "好的，什么都没有删。有事接着跟我说。",
  forgotten: (at, backupDays) => {
    const backups = backupDays > 0 ? `备份里还有的，${days(backupDays)}内会过期清掉。` : "";
    return `您的信息已经删掉了，时间是${moment(at)}。\n\n删掉的有：您和我说过的话，您发来的照片、语音和文件，您的求助请求，还有能在这个平台上找到您的编号。只留下不带个人信息的次数统计。${backups}\n\n以后再给我发消息，就像第一次见面一样，从头开始。祝您平安顺利。`;
  },
  moment,
  shortMoment,
  days,

  heard: (words) => `我听到的是：“${words}”。听错了您再说一遍，或者打字告诉我。`,
  unheard: (kept, local) =>
    `您的语音${kept ? "收到了，也存好了，可是" : ""}我没能听懂。麻烦您打字告诉我，短一点也行；不方便打字，就打 ${firstLine(local)}。`,
  stored: (all, at, answered) =>
    `${counted(all)}收到了，已经替您存好（${shortMoment(at)}）。${
      answered
        ? "里面的内容我看不懂，上面是按您打的字答的。"
        : "里面的内容我看不懂，请用一句话说说这是什么、您想问什么。"
    }`,
  counted,
  awaited: (all) => `${counted(all)}我看到了，还没有存好。您先用一句话说说遇到了什么事。`,
  madeOut: (words) => `不过上面有几个词我认出来了：${words.join("、")}。不一定准。`,
  sticker: () => "看到您的表情啦。工作上有什么事，打字告诉我就行。",
  location: (answered) =>
    `位置收到了，谢谢您。知道您在哪里，找人帮忙的时候就好说该找哪个区县的工会。${answered ? "" : "遇到什么事了，您说说看。"}`,
  locationInCrisis: () => "您的位置我看到了，但我是机器，没法替您报警。请马上打 110，把位置说给他们。",
  refused: (kind, reason) => `您发的${names[kind]}${refusals[reason]}`,

  group,
};
