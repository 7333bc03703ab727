import { accountForClaims } from "../answering/account-for-claims.ts";
import type { Answered, Answerer } from "../answering/answer-question.ts";
import type { Draft } from "../answering/compose-extractive.ts";
import { condenseQuestion } from "../answering/condense-question.ts";
import type { AnswerState, GroundedAnswer, HandOverState } from "../answering/grounded-answer.ts";
import type { LocalData } from "../knowledge/documents/local-data.ts";
import type { TurnHandler, TurnInput, TurnProgress, TurnResult } from "../messaging/turn-handler.ts";
import { plainWords } from "./signs/plain-words.ts";
import { type Triage, triage } from "./triage.ts";
import { labourSubject } from "./triage-rules.ts";
import type { Wording } from "./wording/wording.ts";
import { wordingFor } from "./wording/wording-for.ts";

export interface ConversationTurnOptions {
  readonly answerer: Answerer;
  /** Read at every turn: a reload may have changed it. */
  readonly local: () => LocalData;
}

type Reply = { readonly answer: GroundedAnswer; readonly decision: Triage };
type Say = (state: AnswerState, text: string, draft?: Draft, handOver?: HandOverState) => Reply;

/** How many of the contact's earlier questions a follow-up may lean on. */
const remembered = 6;
/** A request for a person longer than this tells its matter too. */
const bareRequest = 14;

/** One turn: triage in types, then what the knowledge has to say, then the reply with every claim accounted for. */
export class ConversationTurn implements TurnHandler {
  readonly #options: ConversationTurnOptions;

  constructor(options: ConversationTurnOptions) {
    this.#options = options;
  }

  async handle(input: TurnInput, progress: TurnProgress, signal: AbortSignal): Promise<TurnResult> {
    const earlier = input.history.filter(({ sender }) => sender === "contact").map(({ text }) => text);
    const { answer, decision } = await this.reply(
      input.message.text,
      earlier.slice(-remembered),
      (text) => progress.preview(text),
      signal,
    );
    return {
      replies: [{ sender: "bot", text: answer.text, answer }],
      ...(answer.handOver === "started" ? { handOver: { reasons: decision.reasons } } : {}),
    };
  }

  /** The reply to one message, without any conversation being stored: also what `npm run ask` prints. */
  async reply(
    message: string,
    earlier: readonly string[],
    onPreview: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Reply> {
    const decision = triage(message);
    const local = this.#options.local();
    const wording = wordingFor(message);
    const say: Say = (state, text, draft, handOver = decision.handOver) => ({
      decision,
      answer: accountForClaims(
        { state, text, handOver, ...(draft === undefined ? {} : { draft }) },
        { message: [...earlier, message].join("\n"), hotlines: local.hotlines },
      ),
    });

    if (decision.course === "crisis") return say("crisis", wording.crisis(decision.reasons, local));
    if (decision.course === "out_of_scope")
      return say("out_of_scope", wording.outOfScope(decision.reasons, local));
    if (decision.course === "small_talk")
      return say("small_talk", wording.smallTalk(decision.reasons[0] ?? "greeting", local));
    const lead =
      decision.course === "hand_over" ? wording.handOverStarted(decision.reasons, local) : undefined;
    if (lead !== undefined && isBareRequest(message, decision)) return say("grounded", lead);

    const question = condenseQuestion(message, earlier, isOfWork);
    if (!isReadable(question)) return say("nothing_found", wording.nothingFound(local), undefined, "offered");
    const related = isOfWork(question);
    const answered = await this.#options.answerer.answer({ question, related, earlier, onPreview, signal });
    return this.#compose(answered, {
      lead,
      decision,
      local,
      wording,
      related,
      say,
    });
  }

  #compose(
    answered: Answered,
    context: {
      lead: string | undefined;
      decision: Triage;
      local: LocalData;
      wording: Wording;
      related: boolean;
      say: Say;
    },
  ) {
    const { lead, decision, local, wording, say } = context;
    if (answered.state === "grounded") {
      const { draft } = answered;
      if (lead !== undefined) return say("grounded", `${lead}\n\n${draft.text}`, draft);
      return say(
        "grounded",
        decision.handOver === "offered" ? `${draft.text}\n\n${wording.handOverOffered(local)}` : draft.text,
        draft,
      );
    }
    if (lead !== undefined)
      return say(answered.state === "library_unavailable" ? "library_unavailable" : "grounded", lead);
    if (answered.state === "library_unavailable")
      return say("library_unavailable", wording.libraryUnavailable(local));
    if (!context.related)
      return say("out_of_scope", wording.outOfScope(decision.reasons, local), undefined, "none");
    return say("nothing_found", wording.nothingFound(local), undefined, "offered");
  }
}

/**
 * The knowledge is Chinese: what holds no two different Chinese characters and no known word, such as 2N, finds
 * only chance neighbours.
 */
const isReadable = (text: string) => new Set(text.match(/\p{Script=Han}/gu)).size >= 2 || isOfWork(text);

const isOfWork = (text: string) => labourSubject.test(plainWords(text));

function isBareRequest(message: string, decision: Triage): boolean {
  return (
    decision.reasons.length === 1 &&
    decision.reasons[0] === "person_asked" &&
    ([...message].length <= bareRequest || !decision.labour)
  );
}
