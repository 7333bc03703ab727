import { accountForClaims } from "../answering/account-for-claims.ts";
import type { Answered, Answerer } from "../answering/answer-question.ts";
import type { Draft } from "../answering/compose-extractive.ts";
import { condenseQuestion } from "../answering/condense-question.ts";
import type { AnswerState, GroundedAnswer, HandOverState } from "../answering/grounded-answer.ts";
import type { LocalData } from "../knowledge/documents/local-data.ts";
import { eventDate } from "./event-date.ts";
import { plainWords } from "./signs/plain-words.ts";
import { chanceOfOurs, isElsewhere, isLikelyOurs } from "./subject/whose-matter.ts";
import { type Triage, triage } from "./triage.ts";
import { labourSubject } from "./triage-rules.ts";
import type { Wording } from "./wording/wording.ts";
import { workerRegion } from "./worker-region.ts";

export interface Reply {
  readonly answer: GroundedAnswer;
  readonly decision: Triage;
}

export interface ResponseRequest {
  readonly message: string;
  /** The contact's earlier messages, oldest first. */
  readonly earlier: readonly string[];
  /** Words that stand on a picture which the message may point at. */
  readonly pictured?: readonly string[];
  readonly wording: Wording;
  readonly local: LocalData;
  /** Default: what `triage` decides. */
  readonly decision?: Triage;
  readonly onPreview: (text: string) => void;
  readonly signal: AbortSignal;
}

type Say = (state: AnswerState, text: string, draft?: Draft, handOver?: HandOverState) => Reply;

/** A request for a person longer than this tells its matter too. */
const bareRequest = 14;

/** What is said to one message: triage in types, then what the knowledge has, with every claim accounted for. */
export async function respond(answerer: Answerer, request: ResponseRequest): Promise<Reply> {
  const { message, earlier, wording, local, onPreview, signal } = request;
  const question = withPicture(condenseQuestion(message, earlier, isOfWork), request);
  const { decision = triageInContext(message, question) } = request;
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
  const lead = decision.course === "hand_over" ? wording.handOverStarted(decision.reasons, local) : undefined;
  if (lead !== undefined && isBareRequest(message, decision)) return say("grounded", lead);

  if (!isReadable(question)) return say("nothing_found", wording.nothingFound(local), undefined, "offered");
  const chance = chanceOfOurs(plainWords(question));
  // A question that stands on its own has the time of its own words alone; a place stays the contact's.
  const told = question === message.trim() ? [message] : [...earlier, message];
  const asOf = eventDate(told, answerer.today);
  const region = workerRegion([...earlier, message], { ...local.federation, districts: local.districts });
  const answered = await answerer.answer({
    question,
    chanceOfOurs: chance,
    earlier,
    asOf,
    region,
    onPreview,
    signal,
  });
  return compose(answered, { lead, decision, local, wording, isOurs: isLikelyOurs(chance), say });
}

/** A short message that goes on with a matter of ours is ours, whatever it names by itself: "那孩子的呢". */
function triageInContext(message: string, question: string): Triage {
  const decision = triage(message);
  if (decision.reasons[0] !== "other_subject" || question === message.trim()) return decision;
  return isElsewhere(plainWords(question)) ? decision : { ...decision, course: "answer", reasons: [] };
}

function compose(
  answered: Answered,
  context: {
    lead: string | undefined;
    decision: Triage;
    local: LocalData;
    wording: Wording;
    isOurs: boolean;
    say: Say;
  },
): Reply {
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
  if (!context.isOurs)
    return say("out_of_scope", wording.outOfScope(decision.reasons, local), undefined, "none");
  return say("nothing_found", wording.nothingFound(local), undefined, "offered");
}

/** "这个合法吗" under a photo is asked of what stands on the photo. */
const pointsAtPicture =
  /这个|这张|这份|这种|这样|这上|上面|里面|图|照片|截图|看看|帮我看|\bthis\b|\bphoto\b/iu;

function withPicture(question: string, { message, pictured = [] }: ResponseRequest): string {
  const points = pictured.length > 0 && (pointsAtPicture.test(message) || !isOfWork(question));
  return points ? `${question} ${pictured.join(" ")}` : question;
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
