import { z } from "zod";

/** Every setting with its default; empty: none. `CONFIGURATION.md` and `.env.example` list the same ones. */
export const settingDefaults = {
  PORT: "3000",
  HOST: "127.0.0.1",
  DATA_DIR: "./data",
  DATABASE_URL: "",
  KNOWLEDGE_DIR: "",
  FEDERATION: "chongqing",
  VECTORS: "hnsw",
  LOG_LEVEL: "info",
  LLM_MODEL: "",
  LLM_BASE_URL: "",
  LLM_API_KEY: "",
  LLM_TIMEOUT_MS: "12000",
  EMBEDDINGS_MODEL: "",
  EMBEDDINGS_BASE_URL: "",
  EMBEDDINGS_API_KEY: "",
  EMBEDDINGS_TIMEOUT_MS: "30000",
  RERANK_MODEL: "",
  RERANK_BASE_URL: "",
  RERANK_API_KEY: "",
  ALLOW_CROSS_BORDER: "no",
  MESSAGES_PER_VISITOR_PER_MINUTE: "30",
  REQUESTS_PER_ADDRESS_PER_MINUTE: "120",
  TRUST_PROXY: "no",
  PUBLIC_URL: "",
  EMBED_ORIGINS: "",
  IDENTITY_KEY: "",
  BURST_MS: "1200",
  TURNS_AT_ONCE: "8",
  BUSY_AFTER: "300",
  MESSAGES_PER_CONTACT_PER_MINUTE: "60",
  TELEGRAM_BOT_TOKEN: "",
  TELEGRAM_API_ROOT: "https://api.telegram.org",
  TELEGRAM_WEBHOOK_SECRET: "",
  TELEGRAM_MESSAGES_PER_SECOND: "30",
  TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND: "1",
  WECHAT_PUPPET: "",
  WECHAT_PUPPET_TOKEN: "",
  WECHAT_PUPPET_ENDPOINT: "",
  WECHAT_ACCEPT_UNOFFICIAL: "no",
  WECHAT_ACCEPT_FRIENDS: "yes",
  WECHAT_OA_APP_ID: "",
  WECHAT_OA_APP_SECRET: "",
  WECHAT_OA_TOKEN: "",
  TRANSCRIBE_MODEL: "",
  TRANSCRIBE_BASE_URL: "",
  TRANSCRIBE_API_KEY: "",
  TRANSCRIBE_TIMEOUT_MS: "30000",
  OCR: "off",
  FILES_URL: "",
  FILES_ACCESS_KEY: "",
  FILES_SECRET_KEY: "",
  LONGEST_FILE_MB: "20",
  ENCRYPTION_KEY: "",
  FORMER_ENCRYPTION_KEY: "",
  RETENTION_DAYS: "365",
  BACKUP_DAYS: "30",
  REHEARSAL_QUESTIONS: "100",
  WEBHOOKS_TO_PRIVATE: "no",
  ALERT_WEBHOOK_URL: "",
  ALERT_TELEGRAM_CHAT: "",
} as const;

export type SettingName = keyof typeof settingDefaults;

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

function wholeNumber(least: number, most: number) {
  const expected = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^\d{1,9}$/, expected)
    .transform(Number)
    .refine((value) => value >= least && value <= most, expected);
}

function address(...protocols: readonly string[]) {
  const expected = `must be an address that begins with ${protocols.map((name) => `${name}//`).join(" or ")}`;
  return z.string().refine((value) => protocols.includes(URL.parse(value)?.protocol ?? ""), expected);
}

const yesNo = z.enum(["yes", "no"], "must be yes or no").transform((value) => value === "yes");
const httpAddress = address("http:", "https:").optional();
const text = z.string().optional();
const timeout = wholeNumber(100, 600_000);
const perMinute = wholeNumber(1, 1_000_000);
const days = wholeNumber(0, 36_500);

function originsIn(list: string | undefined, context: z.RefinementCtx): string[] {
  const origins = (list ?? "").split(/[\s,]+/).filter((origin) => origin !== "");
  if (origins.some((origin) => URL.parse(origin)?.origin !== origin)) {
    context.addIssue({ code: "custom", message: "must list origins such as https://www.example.cn" });
  }
  return origins;
}

function keyBytes(key: string | undefined, context: z.RefinementCtx): Uint8Array | undefined {
  if (key === undefined) return undefined;
  const bytes = Buffer.from(key, /^[0-9a-f]{64}$/i.test(key) ? "hex" : "base64");
  if (bytes.length !== 32) {
    context.addIssue({
      code: "custom",
      message: "must be 32 bytes in base64 or hex: openssl rand -base64 32",
    });
  }
  return new Uint8Array(bytes);
}

/** What each setting may be and what it is read as; a setting that is not set is absent or has its default. */
export const settings = z.object({
  PORT: wholeNumber(0, 65_535),
  HOST: z.string().regex(/^[\w.:-]+$/, "must be a host name or an IP address"),
  DATA_DIR: z.string(),
  DATABASE_URL: address("postgres:", "postgresql:").optional(),
  KNOWLEDGE_DIR: text,
  FEDERATION: z.string().regex(/^[a-z0-9-]+$/, "must be a folder name of small letters, digits and hyphens"),
  VECTORS: z.enum(["hnsw", "pgvector"], "must be hnsw or pgvector"),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`),
  LLM_MODEL: text,
  LLM_BASE_URL: httpAddress,
  LLM_API_KEY: text,
  LLM_TIMEOUT_MS: timeout,
  EMBEDDINGS_MODEL: text,
  EMBEDDINGS_BASE_URL: httpAddress,
  EMBEDDINGS_API_KEY: text,
  EMBEDDINGS_TIMEOUT_MS: timeout,
  RERANK_MODEL: text,
  RERANK_BASE_URL: httpAddress,
  RERANK_API_KEY: text,
  ALLOW_CROSS_BORDER: yesNo,
  MESSAGES_PER_VISITOR_PER_MINUTE: perMinute,
  REQUESTS_PER_ADDRESS_PER_MINUTE: perMinute,
  TRUST_PROXY: yesNo,
  PUBLIC_URL: httpAddress.transform((url) => url?.replace(/\/+$/, "")),
  EMBED_ORIGINS: text.transform(originsIn),
  IDENTITY_KEY: z.string().min(32, "must be a secret of 32 characters or more, or a public key").optional(),
  BURST_MS: wholeNumber(0, 60_000),
  TURNS_AT_ONCE: wholeNumber(1, 1_000),
  BUSY_AFTER: wholeNumber(1, 1_000_000),
  MESSAGES_PER_CONTACT_PER_MINUTE: perMinute,
  TELEGRAM_BOT_TOKEN: z
    .string()
    .regex(/^\d+:[\w-]+$/, "must be a token as @BotFather gives it")
    .optional(),
  TELEGRAM_API_ROOT: address("http:", "https:").transform((url) => url.replace(/\/+$/, "")),
  TELEGRAM_WEBHOOK_SECRET: z
    .string()
    .regex(/^[\w-]{16,256}$/, "must be 16 to 256 letters, digits, _ and -")
    .optional(),
  TELEGRAM_MESSAGES_PER_SECOND: wholeNumber(1, 100_000),
  TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND: wholeNumber(1, 100_000),
  WECHAT_PUPPET: z
    .string()
    .regex(/^wechaty-puppet-[a-z0-9-]+$/, "must be the npm name of a puppet, such as wechaty-puppet-service")
    .optional(),
  WECHAT_PUPPET_TOKEN: text,
  WECHAT_PUPPET_ENDPOINT: text,
  WECHAT_ACCEPT_UNOFFICIAL: yesNo,
  WECHAT_ACCEPT_FRIENDS: yesNo,
  WECHAT_OA_APP_ID: text,
  WECHAT_OA_APP_SECRET: text,
  WECHAT_OA_TOKEN: text,
  TRANSCRIBE_MODEL: text,
  TRANSCRIBE_BASE_URL: httpAddress,
  TRANSCRIBE_API_KEY: text,
  TRANSCRIBE_TIMEOUT_MS: timeout,
  OCR: z.enum(["on", "off"], "must be on or off").transform((value) => value === "on"),
  FILES_URL: httpAddress,
  FILES_ACCESS_KEY: text,
  FILES_SECRET_KEY: text,
  LONGEST_FILE_MB: wholeNumber(1, 100),
  ENCRYPTION_KEY: text.transform(keyBytes),
  FORMER_ENCRYPTION_KEY: text.transform(keyBytes),
  RETENTION_DAYS: days,
  BACKUP_DAYS: days,
  REHEARSAL_QUESTIONS: wholeNumber(0, 1_000),
  WEBHOOKS_TO_PRIVATE: yesNo,
  ALERT_WEBHOOK_URL: httpAddress,
  ALERT_TELEGRAM_CHAT: z
    .string()
    .regex(/^(-?\d+|@\w+)$/, "must be a chat id or @name")
    .optional(),
} satisfies Record<SettingName, z.ZodType>);

export type Settings = z.output<typeof settings>;

const officialAccount = ["WECHAT_OA_APP_ID", "WECHAT_OA_APP_SECRET", "WECHAT_OA_TOKEN"] as const;

/**
 * Settings that mean nothing alone: where any of `given` is set (to `value`, where there is one), all of `needs`
 * must be too.
 */
const belongings: readonly {
  readonly given: readonly SettingName[];
  readonly value?: string;
  readonly needs: readonly SettingName[];
  readonly reason: string;
}[] = [
  { given: officialAccount, needs: officialAccount, reason: "an official account needs all three" },
  {
    given: ["WECHAT_PUPPET"],
    value: "wechaty-puppet-official-account",
    needs: officialAccount,
    reason: "wechaty-puppet-official-account needs it",
  },
  {
    given: ["VECTORS"],
    value: "pgvector",
    needs: ["DATABASE_URL"],
    reason: "VECTORS=pgvector keeps vectors in PostgreSQL",
  },
  {
    given: ["RERANK_MODEL"],
    needs: ["RERANK_BASE_URL"],
    reason: "RERANK_MODEL is asked there",
  },
  {
    given: ["FILES_ACCESS_KEY", "FILES_SECRET_KEY"],
    needs: ["FILES_URL"],
    reason: "the keys are for a bucket, name its address",
  },
  {
    given: ["FILES_URL"],
    needs: ["FILES_ACCESS_KEY", "FILES_SECRET_KEY"],
    reason: "the bucket of FILES_URL is opened with both keys",
  },
  {
    given: ["ALERT_TELEGRAM_CHAT"],
    needs: ["TELEGRAM_BOT_TOKEN"],
    reason: "the bot writes the alerts for ALERT_TELEGRAM_CHAT",
  },
];

/** What is missing beside other settings, one line each by name: `WECHAT_OA_TOKEN is missing: …`. */
export function missingSettings(raw: Readonly<Partial<Record<SettingName, string | undefined>>>): string[] {
  const missing = new Map<SettingName, string>();
  for (const { given, value, needs, reason } of belongings) {
    if (!given.some((name) => raw[name] !== undefined && (value === undefined || raw[name] === value)))
      continue;
    for (const name of needs) if (raw[name] === undefined && !missing.has(name)) missing.set(name, reason);
  }
  return [...missing].map(([name, reason]) => `${name} is missing: ${reason}`);
}
