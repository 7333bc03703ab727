import type { SendMarks } from "../../messaging/delivery.ts";

/** What this channel says itself, in the language of what it is said about. */
const texts = {
  zh: {
    repeat: "（这条可能发过一遍了，内容是一样的。）",
    late: "（这条回复来晚了，让您久等了，对不住。）",
    mediator: "【调解员】",
  },
  en: {
    repeat: "(You may have had this message already.)",
    late: "(Sorry for this late reply, and for the wait.)",
    mediator: "[Mediator]",
  },
} as const;

/** Said at once where an answer takes longer than WeChat waits, when it can follow by itself. */
export const lookingItUp = "收到了，正在查，请稍等。";
/** The same for an account that may only answer what it is told. */
export const lookingItUpAskAgain = "收到了，正在查。过一会儿随便发一句话，就能看到回复。";

function textsFor(text: string): (typeof texts)["zh" | "en"] {
  return /\p{Script=Han}/u.test(text) || !/\p{L}/u.test(text) ? texts.zh : texts.en;
}

/** What a person wrote says so. */
export function asMediator(text: string): string {
  return `${textsFor(text).mediator}\n${text}`;
}

/** The text with what the contact must know of the circumstances in front of it. */
export function withMarks(text: string, { repeat, late }: SendMarks): string {
  const words = textsFor(text);
  return [late ? words.late : "", repeat ? words.repeat : "", text].filter((line) => line !== "").join("\n");
}

/** Bytes that `withMarks` may add at most. */
export const longestMarks = 256;
