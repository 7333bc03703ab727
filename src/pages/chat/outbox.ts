import { areAttachments } from "./kept-attachments.ts";
import type { OutgoingMessage } from "./message-store.ts";
import type { KeyValueStorage } from "./safe-storage.ts";
import { outboxKey } from "./storage-keys.ts";

/** Messages that the server has not acknowledged, kept on the phone. Each change reads first: two tabs share it. */
export interface Outbox {
  list(): OutgoingMessage[];
  put(message: OutgoingMessage): void;
  remove(clientId: string): void;
}

export function createOutbox(storage: KeyValueStorage): Outbox {
  const list = (): OutgoingMessage[] => {
    try {
      const stored: unknown = JSON.parse(storage.get(outboxKey) ?? "[]");
      return Array.isArray(stored) ? stored.filter(isOutgoing) : [];
    } catch {
      return [];
    }
  };
  const save = (messages: readonly OutgoingMessage[]) => {
    if (messages.length === 0) storage.remove(outboxKey);
    else storage.set(outboxKey, JSON.stringify(messages));
  };
  return {
    list,
    put: (message) => save([...list().filter(({ clientId }) => clientId !== message.clientId), message]),
    remove: (clientId) => save(list().filter((message) => message.clientId !== clientId)),
  };
}

function isOutgoing(value: unknown): value is OutgoingMessage {
  if (typeof value !== "object" || value === null) return false;
  const { clientId, text, createdAt, attachments } = value as Partial<OutgoingMessage>;
  const hasFiles = attachments === undefined || areAttachments(attachments);
  return (
    hasFiles && typeof clientId === "string" && typeof text === "string" && typeof createdAt === "number"
  );
}
