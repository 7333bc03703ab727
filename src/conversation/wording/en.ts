import type { LocalData } from "../../knowledge/documents/local-data.ts";
import { hotlineList } from "./hotline-list.ts";
import { englishManners } from "./manners-en.ts";
import type { Wording } from "./wording.ts";

const fallback = (local: LocalData) =>
  hotlineList(local, local.federation.fallback_hotlines, ", ", " (", ")");
const firstLine = (local: LocalData) => local.federation.fallback_hotlines[0];

const slowly = "Take your time: what happened at work? Please say it in other words, in Chinese if possible.";
const despair =
  "Please stop for a moment: your life matters most.\n\n· Call 12356 (psychological help) now; somebody will listen.\n· In danger call 110, for an injury 120.\n· Ask somebody you trust to stay with you.\n\nWe can deal with the rest step by step when you are safe.";

export const english: Wording = {
  nothingFound: (local) =>
    `I found nothing reliable about this in my documents, so I will not guess.\n\nYou can:\n· ask again in other words, in Chinese if possible, and say what happened and when;\n· call ${fallback(local)};\n· reply "人工" to ask for a person.`,
  libraryUnavailable: (local) =>
    `My documents cannot be read right now, so I will not answer from memory. Please try again in a few minutes, or call ${fallback(local)}.`,
  outOfScope: (reasons, local) =>
    reasons.includes("forgery") || reasons.includes("fraud_on_funds")
      ? `I cannot help to make false papers: it can be punished and it weakens a good claim. Tell me what you want to solve, or call ${firstLine(local)}.`
      : "This is outside what I can answer: I help workers with labour rights and union services. For other legal questions call 12348, for public services 12345, in danger 110.",
  smallTalk: (reason, local) => {
    if (reason === "thanks") return "You are welcome.";
    if (reason === "goodbye") return "All right. Write again whenever you need to.";
    if (reason === "sad")
      return `${slowly} If you feel low, call 12356 (psychological help): somebody will listen.`;
    if (reason === "noise" || reason === "unclear" || reason === "other_script")
      return `I did not understand that. ${slowly}`;
    return `Hello, I am the assistant of ${local.federation.name}: a machine, not a person. Ask me about wages, contracts, work injury, leave, legal aid and the union. For a person reply "人工" or call ${firstLine(local)}.`;
  },
  crisis: (reasons) => {
    if (reasons.includes("self_harm_done"))
      return "Call 120 now, do not wait. Say what was taken or where the wound is, and where you are.\n\n· Unlock the door.\n· Keep the bottle or the package for the doctor.\n· Do not make yourself vomit unless the doctor says so. Press hard on a bleeding wound.\n· Ask somebody to come to you now.\n\nAfterwards 12356 (psychological help) will listen.";
    if (reasons.includes("suicide")) return despair;
    if (reasons.includes("fire_or_collapse"))
      return "Call 119 now, and 120 if anybody is hurt. Say where and how many are inside.\n\n· Get out first, leave everything behind, take no lift; stay low in smoke.\n· If somebody is buried, do not dig in a crowd: wait for the rescuers.\n\nAsk me about work injury when everybody is safe.";
    if (reasons.includes("medical_emergency"))
      return "Call 120 now and say where you are and what happened. Cut the power first after an electric shock, go to fresh air from gas, press hard on a wound. Call 119 if somebody is trapped, 110 in danger.";
    if (reasons.includes("violence_now") || reasons.includes("held"))
      return "Call 110 now and say where you are; call 120 for an injury. Get away or lock the door, do not fight back, and send your position to somebody you trust.";
    return despair;
  },
  handOverStarted: (_reasons, local) =>
    `Your request for a person is recorded. The fastest way to reach somebody now is by telephone: ${fallback(local)}.`,
  handOverOffered: (local) => `If you want a person to help, reply "人工" or call ${firstLine(local)}.`,
  apology: (local) =>
    `Sorry, something went wrong with your message. Please send it again or call ${firstLine(local)}.`,
  manners: englishManners,
};
