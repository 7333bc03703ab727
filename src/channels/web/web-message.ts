import { z } from "@hono/zod-openapi";
import { answerStates, handOverStates } from "../../answering/grounded-answer.ts";
import { ratings, type StoredMessage, senders } from "../../messaging/message.ts";

const citation = z.object({
  index: z.int().openapi({ description: "The number under which the text refers to it." }),
  chunkId: z.string().openapi({ description: "Opens the passage under /api/passages." }),
  document: z.string(),
  section: z.string(),
  source: z.string(),
  quote: z.string(),
});

/** A message as the page sees it: without provenance and facts, which are for the service alone. */
export const webMessage = z
  .object({
    id: z.string(),
    seq: z.int().openapi({ description: "Grows with time: the cursor for `after`." }),
    sender: z.enum(senders),
    text: z.string(),
    createdAt: z.iso.datetime(),
    replyTo: z.string().optional(),
    rating: z.enum(ratings).optional(),
    answer: z
      .object({ state: z.enum(answerStates), handOver: z.enum(handOverStates), citations: z.array(citation) })
      .optional(),
  })
  .openapi("Message");

export type WebMessage = z.infer<typeof webMessage>;

export function toWebMessage({ conversationId: _, answer, ...message }: StoredMessage): WebMessage {
  if (answer === undefined) {
    return message;
  }
  const { state, handOver, citations } = answer;
  return { ...message, answer: { state, handOver, citations: citations.map((cited) => ({ ...cited })) } };
}
