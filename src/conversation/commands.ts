/** What a contact may order with one word, in every channel. */
export const commands = ["start", "help", "human", "forget", "confirm_forget", "keep"] as const;
export type Command = (typeof commands)[number];

/** Every word of a command, as `foldLine` gives it. The first Chinese and English one of the last two are shown. */
const words: Readonly<Record<Command, readonly string[]>> = {
  start: ["/start"],
  help: ["/help", "帮助", "help"],
  human: ["/human", "人工", "转人工", "human"],
  forget: ["/forget", "删除我的信息", "忘记我", "forget me", "delete my data"],
  confirm_forget: ["确认删除", "confirm delete"],
  keep: ["先不删", "keep it"],
};

const commandOf = new Map(commands.flatMap((command) => words[command].map((word) => [word, command])));

/** Marks that are not seen: what they stand in is the same word. */
const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const endMarks = /[。.!！~]+$/u;

/** A line as commands are compared: width folded, without invisible marks, outer blanks and a full stop. */
export function foldLine(line: string): string {
  // What is longer than any word needs no folding: a line may have megabytes.
  if (line.length > 200) return line;
  return line
    .normalize("NFKC")
    .replace(invisible, "")
    .replace(/\s+/gu, " ")
    .trim()
    .toLowerCase()
    .replace(endMarks, "")
    .trim();
}

/**
 * The command that a line consists of; undefined for any other line, also one that only contains such a word. A
 * slash command may name a bot (`/help@niangjia_bot`) and, for `/start`, carry a door's code.
 */
export function commandIn(line: string): Command | undefined {
  const folded = foldLine(line);
  const slash = /^(?<word>\/[a-z]+)(?:@\w+)?(?<rest> \S{1,64})?$/u.exec(folded)?.groups;
  if (slash?.rest !== undefined && slash.word !== "/start") return undefined;
  return commandOf.get(slash?.word ?? folded);
}

/** Whether a line is written the way of machines, so that it tells nothing of the contact's language. */
export const isSlashCommand = (line: string): boolean =>
  foldLine(line).startsWith("/") && commandIn(line) !== undefined;
