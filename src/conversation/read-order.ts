import { commandIn } from "./commands.ts";

/** What a burst asks the assistant to do. `ask_forget`: to be sure before everything is deleted. */
export type Order =
  | { readonly type: "forget" | "ask_forget" | "kept" | "start" | "help" }
  /** Something is told or asked; `human`: a line of it asked for a person. */
  | { readonly type: "say"; readonly human: boolean };

export interface OrderContext {
  /** Whether the last thing said to the contact was the question before deleting. */
  readonly forgetAsked: boolean;
  /** Whether a request for a person stands open. */
  readonly openRequest: boolean;
  /** Lines that were heard in a voice, where a word is easily misheard. */
  readonly heard: readonly string[];
}

/**
 * Reads the lines of a burst as one order. Deleting is certain only where nothing was said after its word, no
 * request stands open and it was typed, or as the plain answer to the question; else it is asked about first.
 */
export function readOrder(
  lines: readonly string[],
  { forgetAsked, openRequest, heard }: OrderContext,
): Order {
  const found = lines.map(commandIn);
  const last = found.at(-1);
  const human = found.includes("human");
  const tells = human || found.includes(undefined);
  if (last === "keep") return tells ? { type: "say", human } : { type: "kept" };
  if (forgetAsked && last !== undefined && found.every((command) => command === "confirm_forget"))
    return { type: "forget" };
  if (found.includes("forget") || found.includes("confirm_forget")) {
    const certain = last === "forget" && !openRequest && !heard.includes(lines.at(-1) ?? "");
    return { type: certain ? "forget" : "ask_forget" };
  }
  if (last === undefined || tells) return { type: "say", human };
  return { type: found.includes("help") ? "help" : "start" };
}

/** The lines of a burst that are not commands. */
export const withoutCommands = (lines: readonly string[]): string[] =>
  lines.filter((line) => commandIn(line) === undefined);
