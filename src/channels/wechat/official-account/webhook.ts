import { AppError } from "../../../errors.ts";
import type { InboxPort } from "../../../messaging/inbox.ts";
import type { MessageCrypt } from "./crypt.ts";
import type { PassiveReplies } from "./passive-replies.ts";
import { type PostedFields, toPlatformEvent } from "./receive.ts";
import { signatureOf, verifySignature } from "./verify.ts";
import { cdata, parseFlatXml } from "./xml.ts";

export interface WebhookParts {
  readonly token: string;
  /** Absent: the account sends in plain text. */
  readonly crypt?: MessageCrypt | undefined;
  readonly inbox: Pick<InboxPort, "receiveEvents">;
  readonly replies: PassiveReplies;
  /** Makes what waits for this conversation due now. */
  readonly sendWaiting: (conversationId: string) => Promise<void>;
  readonly mayServe: () => boolean;
  readonly logger: { warn(details: Readonly<Record<string, unknown>>, message: string): void };
  readonly now: () => Date;
  readonly randomBytes: (count: number) => Uint8Array;
  /** Milliseconds from a request to its answer at most; the platform waits 5 000. */
  readonly answerMs: number;
  /** What a contact is told whose answer takes longer. */
  readonly waitText: () => string;
  /** Milliseconds in which one contact is told only once that their question is being looked up. */
  readonly lookingMs: number;
}

/** Longest body that is read, in bytes; a text of WeChat is far below. */
const longestBody = 64 * 1024;
/** Contacts of whom it is known when they were told to wait. */
const mostTold = 5_000;

/** Answers the platform's requests. A message is stored before anything is answered. */
export function createWebhook(parts: WebhookParts): (request: Request) => Promise<Response> {
  const told = new Map<string, number>();
  return async (request) => {
    try {
      if (!parts.mayServe()) return new Response("", { status: 503 });
      const query = new URL(request.url).searchParams;
      if (request.method === "GET") {
        verifySignature(query, parts);
        return plain(query.get("echostr")?.slice(0, 256) ?? "");
      }
      if (request.method !== "POST")
        return new Response("", { status: 405, headers: { Allow: "GET, POST" } });
      const { fields, encrypted } = await readPost(request, query, parts);
      const answer = await answerTo(fields, request.signal, parts, told);
      return answer === undefined ? plain("success") : xml(encrypted ? sealed(answer, query, parts) : answer);
    } catch (err) {
      return refusal(err, parts);
    }
  };
}

async function readPost(
  request: Request,
  query: URLSearchParams,
  { token, crypt, now }: WebhookParts,
): Promise<{ fields: PostedFields; encrypted: boolean }> {
  const isEncrypted = query.get("encrypt_type") === "aes";
  if (!isEncrypted) {
    // Whoever knows only the plain mode's signature must not get around the key.
    if (crypt !== undefined) throw new AppError("channel.unverified", "The body is not encrypted.");
    verifySignature(query, { token, now });
    return { fields: parseFlatXml(await bodyOf(request)), encrypted: false };
  }
  if (crypt === undefined) {
    throw new AppError(
      "config.invalid",
      "The official account sends encrypted messages: choose the plain mode (明文模式) in its settings.",
    );
  }
  const encrypted = parseFlatXml(await bodyOf(request)).get("Encrypt") ?? "";
  verifySignature(query, { token, now, name: "msg_signature", more: [encrypted] });
  return { fields: parseFlatXml(crypt.decrypt(encrypted)), encrypted: true };
}

async function answerTo(
  fields: PostedFields,
  signal: AbortSignal,
  parts: WebhookParts,
  told: Map<string, number>,
): Promise<string | undefined> {
  const { inbox, replies, sendWaiting, waitText, logger, now, answerMs, lookingMs } = parts;
  const began = now().getTime();
  const event = toPlatformEvent(fields);
  if (event === undefined) return undefined;
  const openId = event.address.key;
  const messageKey = event.type === "message" ? `${openId} ${event.externalId}` : undefined;
  const before = messageKey === undefined ? undefined : replies.answerTo(messageKey);
  if (before !== undefined) return before;
  const [received] = await inbox.receiveEvents("wechat", [event]);
  if (messageKey === undefined || received?.conversationId === undefined) return undefined;
  const holding = replies.hold(openId, answerMs - (now().getTime() - began), signal);
  // Only now: what waited for this message goes into the request that is held.
  sendWaiting(received.conversationId).catch((err: unknown) =>
    logger.warn({ err }, "what waits for a WeChat contact could not be made due"),
  );
  const end = await holding;
  if (end.state === "let go") return undefined;
  if (end.state === "late" && !mayTellToWait(openId, told, now().getTime(), lookingMs)) return undefined;
  const answer = textAnswer(fields, end.state === "said" ? end.text : waitText(), now());
  replies.remember(messageKey, answer);
  return answer;
}

/** Whether a contact was not told to wait a moment ago; from now on they were. */
function mayTellToWait(openId: string, told: Map<string, number>, now: number, lookingMs: number): boolean {
  if (now - (told.get(openId) ?? Number.NEGATIVE_INFINITY) < lookingMs) return false;
  told.delete(openId);
  told.set(openId, now);
  for (const oldest of told.keys()) {
    if (told.size <= mostTold) break;
    told.delete(oldest);
  }
  return true;
}

function textAnswer(fields: PostedFields, text: string, now: Date): string {
  return (
    `<xml><ToUserName>${cdata(fields.get("FromUserName") ?? "")}</ToUserName>` +
    `<FromUserName>${cdata(fields.get("ToUserName") ?? "")}</FromUserName>` +
    `<CreateTime>${Math.floor(now.getTime() / 1_000)}</CreateTime>` +
    `<MsgType>${cdata("text")}</MsgType><Content>${cdata(text)}</Content></xml>`
  );
}

function sealed(answer: string, query: URLSearchParams, { crypt, token, randomBytes }: WebhookParts): string {
  if (crypt === undefined) return answer;
  const encrypted = crypt.encrypt(answer, randomBytes(16));
  const [timestamp, nonce] = [query.get("timestamp") ?? "", query.get("nonce") ?? ""];
  return (
    `<xml><Encrypt>${cdata(encrypted)}</Encrypt>` +
    `<MsgSignature>${cdata(signatureOf(token, timestamp, nonce, encrypted))}</MsgSignature>` +
    `<TimeStamp>${timestamp}</TimeStamp><Nonce>${cdata(nonce)}</Nonce></xml>`
  );
}

async function bodyOf(request: Request): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > longestBody) throw new AppError("http.too_large", "The body is too large.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** The platform asks again after any failure, so that what could not be stored is not lost. */
function refusal(err: unknown, { logger }: WebhookParts): Response {
  const code = err instanceof AppError ? err.code : undefined;
  if (code === "config.invalid") logger.warn({}, (err as AppError).message);
  if (code === "channel.unverified" || code === "config.invalid") return new Response("", { status: 401 });
  if (code === "http.bad_request") return new Response("", { status: 400 });
  if (code === "http.too_large") return new Response("", { status: 413 });
  logger.warn({ err }, "a WeChat message could not be stored");
  return new Response("", { status: 503 });
}

function plain(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "text/plain; charset=utf-8" } });
}

function xml(text: string): Response {
  return new Response(text, { headers: { "Content-Type": "application/xml; charset=utf-8" } });
}
