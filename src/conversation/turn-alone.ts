import type { Answerer } from "../answering/answer-question.ts";
import type { GroundedAnswer } from "../answering/grounded-answer.ts";
import type { LocalData } from "../knowledge/documents/local-data.ts";
import type { StoredMessage } from "../messaging/message.ts";
import type { TurnInput, TurnResult } from "../messaging/turn-handler.ts";
import { attachmentLines, wordsOnPictures } from "./attachment-lines.ts";
import { chinaTime } from "./china-time.ts";
import { askedBefore, chosenReply } from "./chosen-reply.ts";
import { commandIn } from "./commands.ts";
import { earlierWords, wordingOf } from "./earlier-words.ts";
import { ownAnswer, quotingLine, withLines } from "./own-words.ts";
import { type Burst, joinLines, readBurst } from "./read-burst.ts";
import { type Order, readOrder, withoutCommands } from "./read-order.ts";
import { type Reply, respond } from "./respond.ts";
import { triage } from "./triage.ts";
import type { Wording } from "./wording/wording.ts";

/** What a turn is made with; see `ConversationTurnOptions`. */
export interface TurnParts {
  readonly answerer: Answerer;
  readonly local: LocalData;
  readonly now: () => Date;
  readonly backupDays: number;
  readonly keptDays: number;
  readonly showsNotice: (channel: string) => boolean;
}

interface Context {
  readonly input: TurnInput;
  readonly burst: Burst;
  readonly lines: readonly string[];
  readonly wording: Wording;
  readonly onPreview: (text: string) => void;
  readonly signal: AbortSignal;
}

type Said = { readonly answer: GroundedAnswer; readonly quickReplies?: readonly string[] } & Partial<
  Pick<Reply, "decision">
>;

/** A voice is read back up to so many characters. */
const longestHeard = 200;

/** The turn of a contact who writes alone: orders, what was said and sent, and the notice before the first reply. */
export async function turnAlone(
  parts: TurnParts,
  input: TurnInput,
  onPreview: (text: string) => void,
  signal: AbortSignal,
): Promise<TurnResult> {
  const { conversation, messages, history } = input;
  const burst = readBurst(messages, { heard: true });
  const asked = askedBefore(messages[0] as StoredMessage, history);
  const [only] = burst.lines;
  const lines =
    burst.lines.length === 1 && only !== undefined ? [chosenReply(only, asked) ?? only] : burst.lines;
  const wording = wordingOf(lines, history);
  const order = readOrder(lines, {
    forgetAsked: asked?.quickReplies?.some((reply) => commandIn(reply) === "confirm_forget") ?? false,
    openRequest: conversation.handOverRequested,
    heard: burst.heard,
  });
  const context: Context = { input, burst, lines, wording, onPreview, signal };
  const told = joinLines(withoutCommands(lines));
  // Whoever wants to leave no trace may want to live no longer: that is heard first.
  const danger = triage(told).course === "crisis";
  const wantsForget = order.type === "forget" || order.type === "ask_forget";
  if (order.type === "forget" && !danger) {
    const answer = receipt(parts, wording);
    return { forget: true, replies: [{ sender: "bot", text: answer.text, answer }] };
  }
  const said: Said[] = [];
  if (order.type === "say" || danger || (wantsForget && told !== ""))
    said.push(await sayOn(parts, context, order));
  if (wantsForget) said.push(obey(parts, context, "ask_forget"));
  else if (order.type !== "say" && !danger) said.push(obey(parts, context, order.type));
  return resultOf(parts, context, said);
}

function resultOf(
  { local, showsNotice, keptDays }: TurnParts,
  { input, wording }: Context,
  said: readonly Said[],
): TurnResult {
  const { conversation } = input;
  const started = said.find(({ answer }) => answer.handOver === "started");
  // Nothing stands before the telephone numbers of help: the notice comes with the next reply.
  const crisis = said.some(({ answer }) => answer.state === "crisis");
  const notice = !conversation.noticeGiven && !crisis && showsNotice(conversation.channel);
  const replies = said.map(({ answer, quickReplies = [] }) => ({
    sender: "bot" as const,
    text: answer.text,
    answer,
    ...(quickReplies.length === 0 ? {} : { quickReplies }),
  }));
  return {
    replies: notice
      ? [{ sender: "system", text: wording.manners.notice(local, keptDays) }, ...replies]
      : replies,
    ...(notice ? { noticeGiven: true } : {}),
    ...(started === undefined ? {} : { handOver: { reasons: started.decision?.reasons ?? [] } }),
  };
}

/** What an order other than a plain word gets. */
function obey(
  { local }: TurnParts,
  { input, burst, wording }: Context,
  type: Exclude<Order["type"], "say" | "forget">,
): Said {
  const { manners } = wording;
  const open = input.conversation.handOverRequested;
  const texts = {
    ask_forget: manners.forgetAsked(open),
    kept: manners.kept(open),
    start: manners.start(local),
    help: manners.help(local),
  };
  const quickReplies = {
    ask_forget: [manners.confirmForget, manners.keep],
    kept: [],
    start: manners.examples,
    help: manners.examples,
  };
  const answer = ownAnswer("small_talk", texts[type], local);
  const { attachments, receivedAt } = burst;
  const after = attachmentLines(attachments, { manners, local, receivedAt, answered: true, crisis: false });
  return {
    answer: type === "ask_forget" ? answer : withLines(answer, { after }),
    quickReplies: quickReplies[type],
  };
}

/** The answer to what was told or asked, with what was heard before it and what else was sent behind it. */
async function sayOn(parts: TurnParts, context: Context, order: Order): Promise<Said> {
  const { input, burst, lines, wording, onPreview, signal } = context;
  const { local } = parts;
  const { manners } = wording;
  const words = joinLines(withoutCommands(lines));
  const person = manners.personWord;
  const human = order.type === "say" && order.human;
  const message = human ? joinLines(words === "" ? [person] : [words, person]) : words;
  const sent = {
    manners,
    local,
    receivedAt: burst.receivedAt,
    answered: message !== "",
    crisis: triage(message).course === "crisis",
  };
  const after = attachmentLines(burst.attachments, sent);
  if (message === "" && after.length > 0)
    return { answer: withLines(ownAnswer("small_talk", "", local), { after }) };
  const { answer, decision } = await respond(parts.answerer, {
    message,
    earlier: earlierWords(input.history),
    pictured: wordsOnPictures([...burst.attachments, ...justSent(input)]),
    wording,
    local,
    onPreview,
    signal,
  });
  const heard = burst.heard.map((said) => quotingLine(manners.heard(shorten(said)), shorten(said)));
  return {
    decision,
    answer: sent.crisis
      ? withLines(answer, { after: [...after, ...heard] })
      : withLines(answer, { before: heard, after }),
  };
}

function receipt({ local, now, backupDays }: TurnParts, { manners }: Wording): GroundedAnswer {
  const at = chinaTime(now());
  const facts = [manners.moment(at), manners.days(backupDays)];
  return ownAnswer("small_talk", manners.forgotten(at, backupDays), local, { facts });
}

/** What the contact sent with their message before: "这个合法吗" may follow a photo. */
const justSent = ({ history }: TurnInput) =>
  history.findLast(({ sender }) => sender === "contact")?.attachments ?? [];

function shorten(words: string): string {
  const characters = [...words];
  return characters.length > longestHeard ? `${characters.slice(0, longestHeard).join("")}……` : words;
}
