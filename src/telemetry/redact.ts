const hidden = "[redacted]";

/** Deeper than this a logged object is not shown at all. */
const deepest = 6;

/** Longest text that a log keeps of one value, in characters. */
const longestText = 2_000;

/** Field names (small letters, without separators) whose values never reach a log. */
const secretFields = new Set([
  "accesstoken",
  "answer",
  "apikey",
  "authorization",
  "body",
  "content",
  "cookie",
  "idcard",
  "identitycard",
  "messages",
  "mobile",
  "password",
  "phone",
  "preview",
  "prompt",
  "question",
  "questions",
  "quote",
  "replies",
  "secret",
  "setcookie",
  "text",
  "token",
]);

/**
 * A copy of a logged object without secrets and without anybody's words: fields are hidden by name at every
 * depth, errors become plain objects, long texts are cut.
 */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactRecord(fields, 0);
}

/**
 * Hides what looks like a secret inside a line of text: the user and password of an address, bearer tokens,
 * `sk-…` keys, and query strings of addresses.
 */
export function redactLine(line: string): string {
  return line
    .replace(/(\w:\/\/)[^\s"'\\/@]+@/g, `$1${hidden}@`)
    .replace(/(\bhttps?:\/\/[^\s"'\\?]+)\?[^\s"'\\]+/g, `$1?${hidden}`)
    .replace(/\b(Bearer\s+)[\w.~+/=-]+/gi, `$1${hidden}`)
    .replace(/\bsk-[\w-]{8,}/g, hidden);
}

function redactRecord(fields: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isSecret(name, value) ? hidden : redactValue(value, depth + 1),
    ]),
  );
}

function isSecret(name: string, value: unknown): boolean {
  return value !== undefined && value !== null && secretFields.has(name.toLowerCase().replace(/[^a-z]/g, ""));
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value === "string") {
    return value.length > longestText ? `${value.slice(0, longestText)}…` : value;
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (depth > deepest) {
    return hidden;
  }
  if (value instanceof Error) {
    return redactError(value, depth);
  }
  if (Array.isArray(value)) {
    return value.map((item) => redactValue(item, depth + 1));
  }
  if (ArrayBuffer.isView(value)) {
    return `[${value.byteLength} bytes]`;
  }
  return value instanceof Date ? value : redactRecord({ ...value }, depth);
}

/** Code, message, stack and cause of an error, and an `AppError`'s details. Other fields may hold anything. */
function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code, details } = error as Error & { code?: unknown; details?: unknown };
  return redactRecord(
    {
      type: error.name,
      message: error.message,
      stack: error.stack,
      ...(code === undefined ? {} : { code }),
      ...(details === undefined ? {} : { details }),
      ...(error.cause === undefined ? {} : { cause: error.cause }),
    },
    depth,
  );
}
