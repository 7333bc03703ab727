/** Codes of gRPC that this channel tells apart. */
const codes = {
  cancelled: 1,
  deadline: 4,
  permission: 7,
  exhausted: 8,
  unimplemented: 12,
  internal: 13,
} as const;
const unavailable = 14;
const unauthenticated = 16;

/** The gRPC code of an error, whether it was thrown or came as an event. */
export function codeOf(error: unknown): number | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "number" ? code : undefined;
}

/** Whether the connection to the gateway is gone with this error: the client does not come back from it by itself. */
export function isConnectionLost(error: unknown): boolean {
  const lost: readonly number[] = [codes.cancelled, codes.deadline, codes.exhausted, codes.internal];
  const code = codeOf(error);
  return code === unavailable || code === unauthenticated || (code !== undefined && lost.includes(code));
}

/** Whether a call never left this machine, so that it may be made again. */
export function isUnsent(error: unknown): boolean {
  const text = textOf(error);
  if (/^(NO CLIENT|no grpc manager)$/i.test(text)) return true;
  if (codeOf(error) === unauthenticated || codeOf(error) === codes.permission) return true;
  return (
    codeOf(error) === unavailable &&
    /No connection established|Name resolution failed|Failed to (?:parse|resolve)|Channel closed before call/i.test(
      text,
    )
  );
}

/** WeChat's own words for an account that is not logged in, in English and Chinese. */
export function isLoggedOut(error: unknown): boolean {
  return /not log(?:ged|in)|logged out|未登录|已退出登录/i.test(textOf(error));
}

/** Whether the contact is no friend any more, has blocked the account, or is no member of the room. */
export function isContactGone(error: unknown): boolean {
  return /not (?:a |your |my )?friends?\b|朋友验证|不是.{0,8}朋友|被对方拒收|blocked by|not (?:a )?member|不在群|contact not found|no payload found/i.test(
    textOf(error),
  );
}

/** What may be logged and shown of an error: its text may hold tokens and ids, so it is put into words of our own. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === unavailable) return "the gateway does not answer";
  if (code === unauthenticated || code === codes.permission) return "the gateway refuses the token";
  if (code === codes.deadline) return "the gateway takes too long";
  if (code === codes.unimplemented) return "the gateway does not know this call";
  if (isLoggedOut(error)) return "the account is not logged in";
  if (error instanceof Error && error.name === "TimeoutError") return "the gateway takes too long";
  return code === undefined ? "the puppet failed" : `the puppet failed with gRPC code ${code}`;
}

function textOf(error: unknown): string {
  const { details, message } = (error ?? {}) as { details?: unknown; message?: unknown };
  return (
    ([details, message].find((text) => typeof text === "string" && text !== "") as string | undefined) ?? ""
  );
}
