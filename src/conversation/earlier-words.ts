import type { StoredMessage } from "../messaging/message.ts";
import { askedBefore, chosenReply } from "./chosen-reply.ts";
import { commandIn, isSlashCommand } from "./commands.ts";
import { saidIn } from "./read-burst.ts";
import type { Wording } from "./wording/wording.ts";
import { wordingFor } from "./wording/wording-for.ts";

/** How many of the contact's earlier messages a follow-up may lean on. */
const remembered = 6;

/** What the contact said before, oldest first: commands left out, a number as the quick reply that it chose. */
export function earlierWords(history: readonly StoredMessage[]): string[] {
  return history
    .flatMap((message, index) => {
      if (message.sender !== "contact") return [];
      const said = saidIn(message);
      const words = chosenReply(said, askedBefore(message, history.slice(0, index))) ?? said;
      return words.trim() === "" || commandIn(words) !== undefined ? [] : [words];
    })
    .slice(-remembered);
}

/** The language of what is said now; of what was said before, where that tells none; else Chinese. */
export function wordingOf(lines: readonly string[], history: readonly StoredMessage[]): Wording {
  const tellsLanguage = (line: string) => /\p{Letter}/u.test(line) && !isSlashCommand(line);
  const now = lines.filter(tellsLanguage);
  const before = history.filter(({ sender }) => sender === "contact").map(saidIn);
  return wordingFor(now.length > 0 ? now.join("\n") : (before.findLast(tellsLanguage) ?? ""));
}
