import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import type { UploadStore } from "../../../../src/channels/web/uploads.ts";
import { AppError } from "../../../../src/errors.ts";
import type { Conversation } from "../../../../src/messaging/conversation.ts";
import type { ConversationEvents } from "../../../../src/messaging/conversation-events.ts";
import type {
  ConversationStore,
  NewConversation,
  VisitorStore,
} from "../../../../src/messaging/conversation-store.ts";
import type { FileStore } from "../../../../src/messaging/file-store.ts";
import type { InboxPort } from "../../../../src/messaging/inbox.ts";
import type {
  Attachment,
  InboundMessage,
  OutboundMessage,
  Rating,
  StoredMessage,
} from "../../../../src/messaging/message.ts";

type WebStore = Pick<ConversationStore, "open" | "messagesAfter" | "pendingMessage" | "rate" | "acknowledge">;

interface Thread {
  readonly conversation: Conversation;
  readonly messages: StoredMessage[];
  readonly externalIds: Map<string, string>;
  readonly unanswered: Set<string>;
}

/** Conversations in memory, with the inbox of their messages: what the store and the inbox promise to a channel. */
export class MemoryConversations implements WebStore, Pick<InboxPort, "receive"> {
  readonly #events: ConversationEvents;
  readonly #uploads: MemoryUploads;
  readonly #threads = new Map<string, Thread>();
  readonly #byAddress = new Map<string, string>();
  /** Every call of `acknowledge`. */
  readonly acknowledged: { conversationId: string; seq: number }[] = [];
  #count = 0;
  #seq = 0;

  constructor(events: ConversationEvents, uploads: MemoryUploads) {
    this.#events = events;
    this.#uploads = uploads;
  }

  async open(channel: string, details: NewConversation = {}) {
    const { surface = "private", origin, address } = details;
    const known = this.find(this.#byAddress.get(address?.key ?? "") ?? "");
    if (known !== undefined) return known;
    this.#count += 1;
    const id = `c${this.#count}`;
    const conversation: Conversation = {
      id,
      contactId: `contact-${id}`,
      channel,
      surface,
      noticeGiven: false,
      handOverRequested: false,
      ...(origin === undefined ? {} : { origin }),
    };
    this.#threads.set(id, { conversation, messages: [], externalIds: new Map(), unanswered: new Set() });
    if (address !== undefined) this.#byAddress.set(address.key, id);
    return conversation;
  }

  find(id: string): Conversation | undefined {
    return this.#threads.get(id)?.conversation;
  }

  get ids(): string[] {
    return [...this.#threads.keys()];
  }

  /** Conversations in which somebody waits for an answer. */
  get waiting(): string[] {
    return [...this.#threads].flatMap(([id, { unanswered }]) => (unanswered.size > 0 ? [id] : []));
  }

  async receive({ conversationId, externalId, text, attachments = [] }: InboundMessage) {
    const thread = this.#thread(conversationId);
    const first = thread.messages.find(({ id }) => id === thread.externalIds.get(externalId));
    if (first !== undefined) return { message: first, duplicate: true };
    const tied = this.#uploads.tie(
      conversationId,
      attachments.map(({ stored }) => stored?.id ?? ""),
    );
    const message = this.#add(thread, {
      sender: "contact",
      text,
      ...(tied.length === 0 ? {} : { attachments: tied }),
    });
    thread.externalIds.set(externalId, message.id);
    thread.unanswered.add(message.id);
    return { message, duplicate: false };
  }

  /** Ends the turn of everything that waits in the conversation with these replies. */
  answer(conversationId: string, replies: readonly OutboundMessage[]): StoredMessage[] {
    const thread = this.#thread(conversationId);
    const replyTo = [...thread.unanswered].at(-1);
    thread.unanswered.clear();
    return replies.map((reply) =>
      this.#add(thread, { ...reply, ...(replyTo === undefined ? {} : { replyTo }) }),
    );
  }

  /** As after the contact was forgotten: nothing is left. */
  delete(conversationId: string): void {
    this.#threads.delete(conversationId);
  }

  async messagesAfter(conversationId: string, afterSeq: number, limit: number) {
    const messages = this.#threads.get(conversationId)?.messages ?? [];
    return messages.filter(({ seq }) => seq > afterSeq).slice(0, limit);
  }

  async pendingMessage(conversationId: string) {
    return [...(this.#threads.get(conversationId)?.unanswered ?? [])][0];
  }

  async rate(conversationId: string, messageId: string, rating: Rating) {
    const messages = this.#threads.get(conversationId)?.messages ?? [];
    const at = messages.findIndex(({ id, replyTo }) => id === messageId && replyTo !== undefined);
    const message = messages[at];
    if (message === undefined) return false;
    messages[at] = { ...message, rating };
    return true;
  }

  async acknowledge(conversationId: string, seq: number) {
    this.acknowledged.push({ conversationId, seq });
  }

  #thread(conversationId: string): Thread {
    const thread = this.#threads.get(conversationId);
    if (thread === undefined) throw new AppError("channel.unknown_visitor", "There is no such conversation.");
    return thread;
  }

  #add(thread: Thread, part: Omit<StoredMessage, "id" | "seq" | "createdAt" | "conversationId">) {
    this.#seq += 1;
    const message: StoredMessage = {
      ...part,
      id: `m${this.#seq}`,
      seq: this.#seq,
      conversationId: thread.conversation.id,
      createdAt: new Date().toISOString(),
    };
    thread.messages.push(message);
    this.#events.publish(thread.conversation.id, { type: "message" });
    return message;
  }
}

export class MemoryVisitors implements VisitorStore {
  readonly #conversations: MemoryConversations;
  readonly #tokens = new Map<string, string>();
  lookUps = 0;

  constructor(conversations: MemoryConversations) {
    this.#conversations = conversations;
  }

  async save(tokenHash: string, conversationId: string) {
    this.#tokens.set(tokenHash, conversationId);
  }

  async conversationOf(tokenHash: string) {
    this.lookUps += 1;
    return this.#conversations.find(this.#tokens.get(tokenHash) ?? "")?.id;
  }
}

export class MemoryUploads implements UploadStore {
  readonly #uploads = new Map<string, { conversationId: string; tied: boolean; attachment: Attachment }>();
  /** Called between the saving of a file and the note of it. */
  beforeStored: (() => void) | undefined;

  async announceUpload(conversationId: string, upload: Parameters<UploadStore["announceUpload"]>[1]) {
    this.#uploads.set(upload.id, {
      conversationId,
      tied: false,
      attachment: { ...upload, state: "announced" },
    });
  }

  async markStored(id: string, kept: Parameters<UploadStore["markStored"]>[1]) {
    this.beforeStored?.();
    const upload = this.#uploads.get(id);
    if (upload === undefined) return false;
    upload.attachment = { ...upload.attachment, ...kept, state: "stored" };
    return true;
  }

  async dropUpload(id: string) {
    this.#uploads.delete(id);
  }

  async find(conversationId: string, id: string) {
    const upload = this.#uploads.get(id);
    return upload?.conversationId === conversationId ? upload.attachment : undefined;
  }

  get all(): Attachment[] {
    return [...this.#uploads.values()].map(({ attachment }) => attachment);
  }

  clear(): void {
    this.#uploads.clear();
  }

  /** Ties uploads to a message: those that are of the conversation and free. */
  tie(conversationId: string, ids: readonly string[]): Attachment[] {
    return ids.flatMap((id) => {
      const upload = this.#uploads.get(id);
      if (upload?.conversationId !== conversationId || upload.tied) return [];
      upload.tied = true;
      return [upload.attachment];
    });
  }
}

export class MemoryFiles implements FileStore {
  readonly kept = new Map<string, Buffer>();

  async save(id: string, content: AsyncIterable<Uint8Array>, mostBytes: number) {
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of content) {
      size += piece.byteLength;
      if (size > mostBytes) throw new AppError("files.too_large", "The file is too large.");
      pieces.push(piece);
    }
    const bytes = Buffer.concat(pieces);
    this.kept.set(id, bytes);
    return { hash: createHash("sha256").update(bytes).digest("hex"), size };
  }

  async open(id: string) {
    const bytes = this.kept.get(id);
    return bytes === undefined ? undefined : Readable.from([bytes]);
  }

  async remove(ids: readonly string[]) {
    for (const id of ids) this.kept.delete(id);
  }
}
