import type { LocalData } from "../../knowledge/documents/local-data.ts";
import { hotlineList, type Wording } from "./wording.ts";

const fallback = (local: LocalData) =>
  hotlineList(local, local.federation.fallback_hotlines, ", ", " (", ")");
const firstLine = (local: LocalData) => local.federation.fallback_hotlines[0];

export const english: Wording = {
  nothingFound: (local) =>
    `I found nothing reliable about this in my documents, so I will not guess.\n\nYou can:\n· ask again in other words, in Chinese if possible, and say what happened and when;\n· call ${fallback(local)};\n· reply "人工" to ask for a person.`,
  libraryUnavailable: (local) =>
    `My documents cannot be read right now, so I will not answer from memory. Please try again in a few minutes, or call ${fallback(local)}.`,
  outOfScope: (reasons, local) =>
    reasons.includes("forgery") || reasons.includes("fraud_on_funds")
      ? `I cannot help to make false papers: it can be punished and it weakens a good claim. Tell me what you want to solve, or call ${firstLine(local)}.`
      : "This is outside what I can answer: I help workers with labour rights and union services. For other legal questions call 12348, for public services 12345, in danger 110.",
  smallTalk: (reason, local) =>
    reason === "thanks"
      ? "You are welcome."
      : `Hello, I am the assistant of ${local.federation.name}: a machine, not a person. Ask me about wages, contracts, work injury, leave, legal aid and the union. For a person reply "人工" or call ${firstLine(local)}.`,
  crisis: () =>
    "Please stop for a moment: your life matters most.\n\n· Call 12356 (psychological help) now; somebody will listen.\n· In danger call 110, for an injury 120.\n· Ask somebody you trust to stay with you.\n\nWe can deal with the rest step by step when you are safe.",
  handOverStarted: (_reasons, local) =>
    `Your request for a person is recorded. The fastest way to reach somebody now is by telephone: ${fallback(local)}.`,
  handOverOffered: (local) => `If you want a person to help, reply "人工" or call ${firstLine(local)}.`,
  apology: (local) =>
    `Sorry, something went wrong with your message. Please send it again or call ${firstLine(local)}.`,
};
