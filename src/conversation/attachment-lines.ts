import type { LocalData } from "../knowledge/documents/local-data.ts";
import type { Attachment } from "../messaging/message.ts";
import { refusalReasonOf } from "../messaging/refusal-reason.ts";
import { chinaTime } from "./china-time.ts";
import { type OwnLine, ownLine, quotingLine } from "./own-words.ts";
import { labourSubject } from "./triage-rules.ts";
import type { Counted, Manners } from "./wording/manners.ts";

export interface AttachmentContext {
  readonly manners: Manners;
  readonly local: LocalData;
  /** ISO timestamp: when they were received. */
  readonly receivedAt: string;
  /** Whether the contact also said something, which is answered. */
  readonly answered: boolean;
  /** In danger to life nothing is said of photos. */
  readonly crisis: boolean;
}

/** Refusals that are told of one by one. */
const mostRefusals = 3;
/** Words of a picture that are shown or searched with. */
const mostWords = 6;
/** Characters of a picture's text that are looked at. */
const longestPicture = 4_000;

/** What is said about the things that a contact sent beside words. */
export function attachmentLines(
  attachments: readonly Attachment[],
  { manners, local, receivedAt, answered, crisis }: AttachmentContext,
): OwnLine[] {
  const has = (kind: Attachment["kind"]) => attachments.some((one) => one.kind === kind);
  if (crisis) return has("location") ? [ownLine(manners.locationInCrisis(), local)] : [];
  const lines: OwnLine[] = [];
  const silent = attachments.filter(
    ({ kind, state, text }) => kind === "voice" && state !== "refused" && !text,
  );
  if (silent.length > 0) {
    const kept = silent.every(({ state }) => state === "stored");
    lines.push(ownLine(manners.unheard(kept, local), local));
  }
  const stored = countOf(attachments, "stored");
  if (stored !== undefined) {
    const at = chinaTime(new Date(receivedAt));
    const facts = [manners.shortMoment(at), manners.counted(stored)];
    lines.push(ownLine(manners.stored(stored, at, answered), local, facts));
  }
  const awaited = countOf(attachments, "announced");
  if (awaited !== undefined) lines.push(ownLine(manners.awaited(awaited), local, [manners.counted(awaited)]));
  const words = wordsOnPictures(attachments);
  if (words.length > 0 && !answered) lines.push(quotingLine(manners.madeOut(words), words.join("、")));
  lines.push(...refusalsOf(attachments, manners).map((text) => ownLine(text, local)));
  if (has("location")) lines.push(ownLine(manners.location(answered || lines.length > 0), local));
  if (lines.length === 0 && !answered && has("sticker")) lines.push(ownLine(manners.sticker(), local));
  return lines;
}

/**
 * The words about work that were made out on pictures. Never more than such words: what is written on a picture is
 * searched with, and neither obeyed nor repeated.
 */
export function wordsOnPictures(attachments: readonly Attachment[]): string[] {
  const words = new Set<string>();
  const everySubject = new RegExp(labourSubject.source, "giu");
  for (const { kind, text = "" } of attachments) {
    if (kind === "voice") continue;
    for (const [word] of text.slice(0, longestPicture).normalize("NFKC").matchAll(everySubject))
      words.add(word);
  }
  return [...words].slice(0, mostWords);
}

function countOf(attachments: readonly Attachment[], state: Attachment["state"]): Counted | undefined {
  const count = (kind: keyof Counted) =>
    attachments.filter((one) => one.kind === kind && one.state === state).length;
  // Voices are spoken of by what was heard in them.
  const counted = { photo: count("photo"), video: count("video"), voice: 0, file: count("file") };
  return counted.photo + counted.video + counted.file > 0 ? counted : undefined;
}

function refusalsOf(attachments: readonly Attachment[], manners: Manners): string[] {
  const texts = attachments.flatMap(({ kind, state, reason }) =>
    state === "refused" && isCounted(kind) ? [manners.refused(kind, refusalReasonOf(reason))] : [],
  );
  return [...new Set(texts)].slice(0, mostRefusals);
}

const isCounted = (kind: Attachment["kind"]): kind is keyof Counted =>
  kind === "photo" || kind === "video" || kind === "voice" || kind === "file";
