import type { LocalData } from "../../knowledge/documents/local-data.ts";
import type { RefusalReason } from "../../messaging/refusal-reason.ts";
import type { ChinaTime } from "../china-time.ts";
import { hotlineList } from "./hotline-list.ts";
import type { Counted, GroupWording, Manners } from "./manners.ts";

const firstLine = (local: LocalData) => local.federation.fallback_hotlines[0];
const fallback = (local: LocalData) =>
  hotlineList(local, local.federation.fallback_hotlines, ", ", " (", ")");

const moment = ({ year, month, day, clock }: ChinaTime) =>
  `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")} ${clock}, Beijing time`;
const days = (count: number) => `${count} days`;

const names: Readonly<Record<keyof Counted, readonly [string, string]>> = {
  photo: ["photo", "photos"],
  video: ["video", "videos"],
  voice: ["voice message", "voice messages"],
  file: ["file", "files"],
};

function counted(all: Counted): string {
  const kinds = (Object.keys(names) as (keyof Counted)[]).filter((kind) => all[kind] > 0);
  return kinds
    .map((kind) => (all[kind] === 1 ? `your ${names[kind][0]}` : `your ${all[kind]} ${names[kind][1]}`))
    .join(" and ");
}

const refusals: Readonly<Record<RefusalReason, string>> = {
  too_large: "is too large to be kept. Please send a smaller one, or only the part that matters.",
  too_many_pixels: "has too many pixels to be kept. Please send a screenshot or take it again.",
  empty: "is empty. Please send it again.",
  unreadable: "cannot be opened, so it was not kept. Please send a photo of what it says.",
  harmful: "may carry a virus, so I did not take it. Please send a photo of what it says.",
  unsupported: "cannot be received here. Please type, or send a photo.",
  gone: "is no longer there: it has expired or was taken back. Please send it again.",
  timeout: "did not arrive in time. Please send it again.",
  unavailable: "could not be kept just now. This is our fault, sorry. Please send it again in a while.",
};

const groupCrisis: readonly (readonly [string, string])[] = [
  ["self_harm_done", "Call 120 now, do not wait, and say where the person is."],
  [
    "suicide",
    "Please call 12356 (psychological help) now: somebody will listen. In danger call 110, for an injury 120. Whoever is near, please stay with them.",
  ],
  ["fire_or_collapse", "Call 119 now, and 120 if anybody is hurt. Get out first, leave everything behind."],
  ["medical_emergency", "Call 120 now and say where you are. Call 119 if somebody is trapped."],
  ["violence_planned", "Please stop and walk away. If anybody is in danger call 110; to talk, call 12356."],
];
const anyDanger = "Call 110 now and say where you are; for an injury call 120; to talk, call 12356.";
const alone = "tap my picture and write to me alone";

const group: GroupWording = {
  greeting: (local) =>
    `Hello, I am the assistant of ${local.federation.name}: a machine, not a person. In this group you can ask me what the rules say. For your own matter please ${alone}.`,
  invite: (local) =>
    `This is your own matter and everybody here reads along, so I do not answer it here. Please ${alone}, or call ${firstLine(local)}.`,
  ownMatters: () => `To tell me of your own case, please ${alone}: everybody reads along here.`,
  crisis: (reasons) => {
    const line = groupCrisis.find(([reason]) => reasons.includes(reason))?.[1] ?? anyDanger;
    return `${line}\n\nYou need not say more here: please ${alone}.`;
  },
  nothingFound: (local) =>
    `I found nothing reliable about this in my documents, so I will not guess. You can call ${fallback(local)}. For your own case please ${alone}.`,
  human: (local) =>
    `Please do not tell your own matter here. To ask for a person, ${alone} and send "human", or call ${firstLine(local)}.`,
  forget: () =>
    `Deleting is done in private: please ${alone} and send "forget me". I then delete what we said there. What was written in this group others have read; I cannot take it back.`,
  files: () =>
    `Please do not send photos, voices or files to this group: names, numbers and wages may stand on them. Please ${alone} and send them there.`,
};

export const englishManners: Manners = {
  notice: (local, keptDays) =>
    `Before we begin:\n· I am a machine, not a person. What I say is general information, not legal advice.\n· What you write and send is kept to answer you and to preserve your evidence. It is not given to your employer. ${keptDays > 0 ? `It is deleted ${keptDays} days after your last message. ` : ""}To delete it sooner, send "forget me" at any time.\n· To ask for a person, send "human" or call ${firstLine(local)}.`,
  start: (local) =>
    `Hello, I am the assistant of ${local.federation.name}, a machine. Ask me about wages, contracts, work injury, leave and the union; Chinese works best. I name the rule behind every answer.\n\nSend "help" to see what else I can do.`,
  help: (local) =>
    `This is how it works:\n· Tell me in a sentence what happened, in Chinese if you can.\n· You may send photos of contracts, pay slips and chats: I keep them as evidence.\n· Send "human": I record your request for a person.\n· Send "forget me": I delete what you said and sent.\n\nIf it is urgent call ${fallback(local)}. In danger call 110, for an injury 120, to talk 12356.`,
  personWord: "human",
  examples: [],

  forgetAsked: (openRequest) =>
    `${
      openRequest
        ? "Your request for a person is still open. Once deleted, nobody can reach you from here, and what you sent as evidence is gone."
        : "Shall I delete all you said and sent? It cannot be brought back."
    }\n\nTo delete it reply "confirm delete"; to keep it reply "keep it".`,
  confirmForget: "confirm delete",
  keep: "keep it",
  kept: (openRequest) =>
    openRequest
      ? "All right, nothing was deleted. Your request is still open."
      : "All right, nothing was deleted.",
  forgotten: (at, backupDays) => {
    const backups = backupDays > 0 ? ` What is left in backups expires within ${days(backupDays)}.` : "";
    return `Your information is deleted: ${moment(at)}.\n\nDeleted are what we said, your photos, voices and files, your request for a person, and the id by which this platform finds you. Only counts without personal data remain.${backups}\n\nIf you write again we begin anew. All the best to you.`;
  },
  moment,
  shortMoment: moment,
  days,

  heard: (words) => `I heard: "${words}". If this is wrong please say it again or type it.`,
  unheard: (kept, local) =>
    `${kept ? "Your voice message is kept, but I" : "I"} could not understand it. Please type a few words, or call ${firstLine(local)}.`,
  stored: (all, at, answered) =>
    `I received ${counted(all)} and keep it for you (${moment(at)}). I cannot read what is on it${
      answered
        ? "; the answer above is to what you wrote."
        : ". Please say in a sentence what it is and what you want to ask."
    }`,
  counted,
  awaited: (all) => `I see ${counted(all)}, it is not kept yet. Please say in a sentence what happened.`,
  madeOut: (words) => `A few words I could make out, perhaps wrongly: ${words.join(", ")}.`,
  sticker: () => "I see your sticker. If something happened at work, please tell me in words.",
  location: (answered) =>
    `Thank you for your location. It helps to find the union of your district when you need a person.${answered ? "" : " Please tell me what happened."}`,
  locationInCrisis: () =>
    "I see your location, but I am a machine and cannot call the police for you. Please call 110 now and tell them where you are.",
  refused: (kind, reason) => `Your ${names[kind][0]} ${refusals[reason]}`,

  group,
};
