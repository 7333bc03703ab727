import { z } from "@hono/zod-openapi";
import { answerStates, handOverStates } from "../../answering/grounded-answer.ts";
import {
  type Attachment,
  attachmentKinds,
  attachmentStates,
  ratings,
  type StoredMessage,
  senders,
} from "../../messaging/message.ts";

const citation = z.object({
  index: z.int().openapi({ description: "The number under which the text refers to it." }),
  chunkId: z.string().openapi({ description: "Opens the passage under /api/passages." }),
  document: z.string(),
  section: z.string(),
  source: z.string(),
  quote: z.string(),
});

const attachment = z
  .object({
    id: z.string().openapi({ description: "Opens the file under /api/files." }),
    kind: z.enum(attachmentKinds),
    state: z.enum(attachmentStates),
    name: z.string().optional(),
    size: z.int().optional().openapi({ description: "Bytes." }),
    text: z
      .string()
      .optional()
      .openapi({ description: "What a voice says or a picture shows, once it was read." }),
  })
  .openapi("Attachment");

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
    quickReplies: z
      .array(z.string())
      .optional()
      .openapi({ description: "Texts that may be sent back as they are." }),
    attachments: z.array(attachment).optional(),
    answer: z
      .object({ state: z.enum(answerStates), handOver: z.enum(handOverStates), citations: z.array(citation) })
      .optional(),
  })
  .openapi("Message");

export type WebMessage = z.infer<typeof webMessage>;

export function toWebMessage(stored: StoredMessage): WebMessage {
  const { id, seq, sender, text, createdAt, replyTo, rating, quickReplies, attachments, answer } = stored;
  return {
    id,
    seq,
    sender,
    text,
    createdAt,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(rating === undefined ? {} : { rating }),
    ...(quickReplies === undefined ? {} : { quickReplies: [...quickReplies] }),
    ...(attachments === undefined ? {} : { attachments: attachments.map(toWebAttachment) }),
    ...(answer === undefined ? {} : { answer: toWebAnswer(answer) }),
  };
}

function toWebAnswer({ state, handOver, citations }: NonNullable<StoredMessage["answer"]>) {
  return { state, handOver, citations: citations.map((cited) => ({ ...cited })) };
}

/** Without the hash, the type and where the channel found it: the page has no use for them. */
function toWebAttachment({ id, kind, state, name, size, text }: Attachment) {
  return {
    id,
    kind,
    state,
    ...(name === undefined ? {} : { name }),
    ...(size === undefined ? {} : { size }),
    ...(text === undefined ? {} : { text }),
  };
}
