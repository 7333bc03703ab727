import { Answerer } from "../../../src/answering/answer-question.ts";
import {
  ConversationTurn,
  type ConversationTurnOptions,
} from "../../../src/conversation/conversation-turn.ts";
import { AppError } from "../../../src/errors.ts";
import type { LocalData } from "../../../src/knowledge/documents/local-data.ts";
import { readFolderSettings, shippedKnowledge } from "../../../src/knowledge/knowledge-folder.ts";
import type { SearchQuery } from "../../../src/knowledge/retrieval/search-index.ts";
import type { Conversation } from "../../../src/messaging/conversation.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";
import { scored, searchOf } from "../../support/scored-passages.ts";
import { conversationWith } from "./turn-input.ts";

export type Library = "finds" | "finds nothing" | "is away";

const guide = await passagesFrom("guide.md", doubleWageGuide);
const local: LocalData = (await readFolderSettings(shippedKnowledge, "chongqing")).local;

/** A turn over a library of one guide; `asked` gathers what was searched for. */
export function turnOver(library: Library, options: Partial<ConversationTurnOptions> = {}) {
  const asked: string[] = [];
  const search = {
    ...searchOf(guide, []),
    search: async ({ text }: SearchQuery) => {
      asked.push(text);
      return library === "finds" ? scored(guide) : [];
    },
  };
  const turn = new ConversationTurn({
    local: () => local,
    now: () => new Date("2026-11-21T15:30:00.000Z"),
    backupDays: 30,
    answerer: new Answerer({
      region: "重庆",
      today: () => "2026-11-21",
      onUnavailable: () => {},
      library: {
        pin: () => {
          if (library === "is away") throw new AppError("knowledge.library_unavailable", "none");
          return search;
        },
      },
    }),
    ...options,
  });
  const reply = async (message: string, earlier: readonly string[] = []) =>
    (await turn.reply(message, earlier, () => {}, new AbortController().signal)).answer;
  const handle = async (
    messages: readonly StoredMessage[],
    history: readonly StoredMessage[] = [],
    conversation: Partial<Conversation> = {},
  ) => {
    const result = await turn.handle(
      { conversation: conversationWith(conversation), messages, history },
      { preview: () => {} },
      new AbortController().signal,
    );
    return { ...result, text: result.replies.map(({ text }) => text).join("\n---\n") };
  };
  return { turn, asked, reply, handle, local };
}
