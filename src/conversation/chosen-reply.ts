import type { StoredMessage } from "../messaging/message.ts";
import { foldLine } from "./commands.ts";

/**
 * The last thing that was said to the contact, where this message may be an answer to it: nothing that was written
 * before it was said is one.
 */
export function askedBefore(
  { seq }: Pick<StoredMessage, "seq">,
  history: readonly StoredMessage[],
): StoredMessage | undefined {
  const last = history.findLast(({ sender }) => sender !== "contact");
  return last !== undefined && last.seq < seq ? last : undefined;
}

/** The quick reply that a line chooses by its number: 1, １, ①, "1." or "1、"; undefined where it chooses none. */
export function chosenReply(line: string, asked: Pick<StoredMessage, "quickReplies"> | undefined) {
  const number = /^\(?(?<number>\d{1,2})[).、,，)]?$/u.exec(foldLine(line))?.groups?.number;
  return number === undefined ? undefined : asked?.quickReplies?.[Number(number) - 1];
}
