import { AppError } from "../errors.ts";

/** Longest message, in characters as people count them (code points). */
export const longestMessage = 4_000;

/** Control characters other than line breaks and tabs. */
const controls = /[\p{Cc}--[\n\t]]/gv;

/**
 * Marks that turn the direction of all that follows: they could show a mediator another text than was sent. The
 * plain direction marks that Uyghur or Arabic text needs stay.
 */
const directionOverrides = /[\u202A-\u202E\u2066-\u2069]/g;

/** What does not make a message by itself: blanks, invisible marks, and what is left of undecodable bytes. */
const invisible = /[\s\p{Cf}\p{Default_Ignorable_Code_Point}\uFFFD]/gu;

/**
 * A contact's text as it is stored. Throws `http.empty_message` where nothing readable is left and
 * `http.too_large` above `longestMessage`.
 */
export function cleanText(text: string): string {
  const cleaned = cleanCaption(text);
  if (cleaned === "") {
    throw new AppError("http.empty_message", "The message holds no readable character.");
  }
  return cleaned;
}

/** The same for a text that may be missing, because files come with it: "" where nothing readable is left. */
export function cleanCaption(text: string): string {
  const cleaned = readable(text);
  // Cheap bound first: a text is never split into more characters than are needed to refuse it.
  if (cleaned.length > 2 * longestMessage || [...cleaned].length > longestMessage) {
    throw new AppError("http.too_large", `The message is longer than ${longestMessage} characters.`);
  }
  return cleaned;
}

/** The same for a platform that cannot be refused: what is beyond `longestMessage` is cut off. */
export function boundText(text: string): string {
  const cleaned = readable(text.slice(0, 4 * longestMessage));
  return cleaned.length <= longestMessage ? cleaned : [...cleaned].slice(0, longestMessage).join("");
}

function readable(text: string): string {
  const cleaned = text
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(controls, "")
    .replace(directionOverrides, "")
    .trim();
  return cleaned.replace(invisible, "") === "" ? "" : cleaned;
}
