import type { Attachment, StoredMessage } from "../messaging/message.ts";

/** What a burst of one contact says, read as one message. */
export interface Burst {
  /** Typed messages and heard voices in order, each once. */
  readonly lines: readonly string[];
  /** What was heard, to be read back. */
  readonly heard: readonly string[];
  readonly attachments: readonly Attachment[];
  /** ISO timestamp of the last message. */
  readonly receivedAt: string;
}

/** Longest message that is read: its beginning and its end, the rest is passed over. */
const longestRead = 4_000;
const longestEnd = 1_000;

/** Reads what waits for a reply. `heard`: whether voices count as words; else they are attachments and no more. */
export function readBurst(messages: readonly StoredMessage[], { heard }: { heard: boolean }): Burst {
  const lines: string[] = [];
  const voices: string[] = [];
  for (const message of messages) {
    lines.push(clip(message.text));
    for (const transcript of heard ? transcriptsOf(message) : []) {
      lines.push(transcript);
      voices.push(transcript);
    }
  }
  return {
    lines: [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ""))],
    heard: [...new Set(voices)],
    attachments: messages.flatMap(({ attachments = [] }) => attachments),
    receivedAt: messages.at(-1)?.createdAt ?? "",
  };
}

/** What a message says in words: typed, and heard. */
export function saidIn(message: StoredMessage): string {
  return [clip(message.text), ...transcriptsOf(message)].filter((line) => line !== "").join("\n");
}

/** The text that a turn reads of its lines: joined by line breaks, bounded. */
export const joinLines = (lines: readonly string[]): string => clip(lines.join("\n"));

function transcriptsOf({ attachments = [] }: StoredMessage): string[] {
  return attachments
    .filter(({ kind, state }) => kind === "voice" && state !== "refused")
    .map(({ text = "" }) => clip(text).trim())
    .filter((text) => text !== "");
}

function clip(text: string): string {
  if (text.length <= longestRead) return text;
  return `${text.slice(0, longestRead - longestEnd)}\n${text.slice(-longestEnd)}`.toWellFormed();
}
