import type { TurnInput, TurnResult } from "../messaging/turn-handler.ts";
import { commandIn } from "./commands.ts";
import { earlierWords, wordingOf } from "./earlier-words.ts";
import { groupManner } from "./group-manners.ts";
import { type OwnLine, ownAnswer, ownLine, withLines } from "./own-words.ts";
import { joinLines, readBurst } from "./read-burst.ts";
import { withoutCommands } from "./read-order.ts";
import { respond } from "./respond.ts";
import { triage } from "./triage.ts";
import type { TurnParts } from "./turn-alone.ts";
import type { Wording } from "./wording/wording.ts";

/**
 * The turn of somebody who speaks to the assistant in a group: what the rules are is answered; for their own matter
 * they are invited to write alone. No hand-over begins here, nothing is deleted and nothing sent is spoken of.
 */
export async function turnInGroup(
  parts: TurnParts,
  { messages, history }: TurnInput,
  onPreview: (text: string) => void,
  signal: AbortSignal,
): Promise<TurnResult> {
  const { answerer, local } = parts;
  // A voice may tell anything: it is neither acted on nor repeated.
  const burst = readBurst(messages, { heard: false });
  const wording = wordingOf(burst.lines, history);
  const { group } = wording.manners;
  const message = joinLines(withoutCommands(burst.lines));
  const found = new Set(burst.lines.map(commandIn));

  const lines: OwnLine[] = [];
  const add = (text: string) => void lines.push(ownLine(text, local));
  if (found.has("human")) add(group.human(local));
  if (found.has("forget") || found.has("confirm_forget") || found.has("keep")) add(group.forget());
  if (burst.attachments.some(({ kind }) => kind !== "sticker")) add(group.files());
  if (message === "" && lines.length === 0) add(group.greeting(local));

  const answer = async () => {
    if (message === "") return ownAnswer("small_talk", "", local);
    const decision = triage(message);
    const manner = groupManner(message, decision);
    if (manner === "crisis") return ownAnswer("crisis", group.crisis(decision.reasons, local), local);
    if (manner === "personal") return ownAnswer("out_of_scope", group.invite(local), local);
    const reply = await respond(answerer, {
      message,
      // What was told of oneself is not gone on with where all can read it.
      earlier: earlierWords(history).filter((before) => groupManner(before) === "general"),
      wording: inGroup(wording),
      local,
      decision,
      onPreview,
      signal,
    });
    return { ...reply.answer, handOver: "none" as const };
  };
  const said = await answer();
  const whole = said.state === "crisis" ? said : withLines(said, { after: lines });
  return { replies: [{ sender: "bot", text: whole.text, answer: whole }] };
}

/** The same language where others read along: nobody is asked to tell more, and no person is offered. */
function inGroup(wording: Wording): Wording {
  const { group } = wording.manners;
  const open = new Set(["thanks", "goodbye", "other_script"]);
  return {
    ...wording,
    nothingFound: group.nothingFound,
    handOverOffered: group.ownMatters,
    smallTalk: (reason, local) =>
      open.has(reason)
        ? wording.smallTalk(reason, local)
        : reason === "sad"
          ? group.invite(local)
          : group.greeting(local),
  };
}
