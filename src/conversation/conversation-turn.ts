import type { Answerer } from "../answering/answer-question.ts";
import type { LocalData } from "../knowledge/documents/local-data.ts";
import type { TurnHandler, TurnInput, TurnProgress, TurnResult } from "../messaging/turn-handler.ts";
import { type Reply, respond } from "./respond.ts";
import { turnAlone } from "./turn-alone.ts";
import { turnInGroup } from "./turn-in-group.ts";
import { wordingFor } from "./wording/wording-for.ts";

export interface ConversationTurnOptions {
  readonly answerer: Answerer;
  /** Read at every turn: a reload may have changed it. */
  readonly local: () => LocalData;
  /** Default: the system's clock. */
  readonly now?: () => Date;
  /** Days after which backups expire, told to contacts who ask to be forgotten. Default 30. */
  readonly backupDays?: number;
  /** Days after its last message that a conversation is deleted, told with the notice; 0: it is kept. Default 365. */
  readonly keptDays?: number;
  /** Whether the notice is given in a conversation of this channel. Default: everywhere but on the page, which shows its own. */
  readonly showsNotice?: (channel: string) => boolean;
}

/** One turn: in private or in a group, by rules and types, with every claim of the reply accounted for. */
export class ConversationTurn implements TurnHandler {
  readonly #options: Required<ConversationTurnOptions>;

  constructor(options: ConversationTurnOptions) {
    this.#options = {
      now: () => new Date(),
      backupDays: 30,
      keptDays: 365,
      showsNotice: (channel) => channel !== "web",
      ...options,
    };
  }

  async handle(input: TurnInput, progress: TurnProgress, signal: AbortSignal): Promise<TurnResult> {
    const turn = input.conversation.surface === "group" ? turnInGroup : turnAlone;
    const parts = { ...this.#options, local: this.#options.local() };
    return turn(parts, input, (text) => progress.preview(text), signal);
  }

  /** The reply to one message, without any conversation being stored: also what `npm run ask` prints. */
  async reply(
    message: string,
    earlier: readonly string[],
    onPreview: (text: string) => void,
    signal: AbortSignal,
  ): Promise<Reply> {
    const { answerer, local } = this.#options;
    return respond(answerer, {
      message,
      earlier,
      wording: wordingFor(message),
      local: local(),
      onPreview,
      signal,
    });
  }
}
