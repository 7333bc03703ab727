import { z } from "@hono/zod-openapi";
import { answerStates, handOverStates } from "../answering/grounded-answer.ts";
import {
  attachmentKinds,
  attachmentStates,
  ratings,
  type StoredMessage,
  senders,
} from "../messaging/message.ts";

const attachment = z.object({
  kind: z.enum(attachmentKinds),
  state: z.enum(attachmentStates),
  name: z.string().optional(),
  mimeType: z.string().optional(),
  size: z.int().optional().openapi({ description: "Bytes." }),
  hash: z.string().optional().openapi({ description: "SHA-256 in hex." }),
  text: z.string().optional().openapi({ description: "What a voice says or a picture shows." }),
});

/** A message as other systems see it. */
export const apiMessage = z
  .object({
    id: z.string(),
    seq: z.int().openapi({ description: "Grows with time: the cursor for `after`." }),
    sender: z.enum(senders),
    text: z.string(),
    createdAt: z.iso.datetime(),
    replyTo: z.string().optional(),
    rating: z.enum(ratings).optional(),
    quickReplies: z.array(z.string()).optional(),
    attachments: z.array(attachment).optional(),
    answer: z
      .object({
        state: z.enum(answerStates),
        handOver: z.enum(handOverStates),
        citations: z.array(
          z.object({
            index: z.int(),
            document: z.string(),
            section: z.string(),
            source: z.string(),
            quote: z.string(),
          }),
        ),
      })
      .optional(),
  })
  .openapi("ConversationMessage");

export type ApiMessage = z.infer<typeof apiMessage>;

/** Without provenance, facts, and where files lie: those are for the service alone. */
export function toApiMessage(message: StoredMessage): ApiMessage {
  const { id, seq, sender, text, createdAt, replyTo, rating, quickReplies, attachments, answer } = message;
  return {
    id,
    seq,
    sender,
    text,
    createdAt,
    ...(replyTo === undefined ? {} : { replyTo }),
    ...(rating === undefined ? {} : { rating }),
    ...(quickReplies === undefined ? {} : { quickReplies: [...quickReplies] }),
    ...(attachments === undefined ? {} : { attachments: attachments.map(toApiAttachment) }),
    ...(answer === undefined ? {} : { answer: toApiAnswer(answer) }),
  };
}

type StoredAttachment = NonNullable<StoredMessage["attachments"]>[number];

function toApiAttachment({ kind, state, name, mimeType, size, hash, text }: StoredAttachment) {
  return {
    kind,
    state,
    ...(name === undefined ? {} : { name }),
    ...(mimeType === undefined ? {} : { mimeType }),
    ...(size === undefined ? {} : { size }),
    ...(hash === undefined ? {} : { hash }),
    ...(text === undefined ? {} : { text }),
  };
}

function toApiAnswer({ state, handOver, citations }: NonNullable<StoredMessage["answer"]>) {
  return {
    state,
    handOver,
    citations: citations.map(({ index, document, section, source, quote }) => ({
      index,
      document,
      section,
      source,
      quote,
    })),
  };
}
