import { isDomestic } from "./domestic-hosts.ts";
import { AppError } from "./errors.ts";
import { type LogLevel, missingSettings, type Settings, settingDefaults, settings } from "./settings.ts";

/** An OpenAI-compatible endpoint. Without `baseUrl` it is OpenAI's own. */
export interface ModelEndpoint {
  readonly model: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly timeoutMs: number;
}

/** An endpoint with `POST /rerank` below its address. */
export interface RerankEndpoint {
  readonly model: string;
  readonly baseUrl: string;
  readonly apiKey?: string;
}

export interface Config {
  /** 0 asks the system for a free port. */
  readonly port: number;
  readonly host: string;
  /** As written: relative paths are the caller's to resolve. */
  readonly dataDir: string;
  readonly databaseUrl?: string;
  /** Absent: the knowledge folder that comes with the code. */
  readonly knowledgeDir?: string;
  /** The folder below `knowledge/local` that holds the federation's own data. */
  readonly federation: string;
  /** Where vectors are searched: in each process's memory, or in PostgreSQL for all of them. */
  readonly vectors: "hnsw" | "pgvector";
  readonly logLevel: LogLevel;
  readonly llm?: ModelEndpoint;
  readonly embeddings?: ModelEndpoint;
  readonly rerank?: RerankEndpoint;
  readonly messagesPerVisitorPerMinute: number;
  readonly requestsPerAddressPerMinute: number;
  readonly trustProxy: boolean;
  /** How the outside reaches this service, without a slash at the end. */
  readonly publicUrl?: string;
  /** Origins of sites that may show the page in a frame. */
  readonly embedOrigins: readonly string[];
  /** Verifies visitors' identity tokens: a secret for HS256 or a public key in PEM. */
  readonly identityKey?: string;
  readonly burstMs: number;
  readonly turnsAtOnce: number;
  /** Waiting conversations from which on new contacts are told that it takes longer. */
  readonly busyAfter: number;
  readonly messagesPerContactPerMinute: number;
  readonly telegram?: TelegramSettings;
  readonly wechat?: WechatSettings;
  readonly transcribe?: ModelEndpoint;
  readonly ocr: boolean;
  readonly files: FileSettings;
  /** 32 bytes, from base64 or hex. Seals platform ids and secrets in the database. */
  readonly encryptionKey?: Uint8Array;
  /** The key before: what it sealed is sealed anew at the start. */
  readonly formerEncryptionKey?: Uint8Array;
  /** Days after its last message that a conversation is deleted; 0 keeps it. */
  readonly retentionDays: number;
  /** Days after which backups expire; told to contacts who ask to be forgotten. */
  readonly backupDays: number;
  /** How many of the latest questions of contacts a new generation of the knowledge is rehearsed with. */
  readonly rehearsalQuestions: number;
  /** Whether webhooks of other systems may be in the own network and be spoken to without TLS there. */
  readonly webhooksToPrivate: boolean;
  readonly alerts: AlertSettings;
}

export interface TelegramSettings {
  readonly token: string;
  /** Without a slash at the end. */
  readonly apiRoot: string;
  /** Set: updates come by webhook with this secret; else they are polled. */
  readonly webhookSecret?: string;
  readonly messagesPerSecond: number;
  readonly messagesPerChatPerSecond: number;
}

export interface WechatSettings {
  /** The npm name of the puppet. */
  readonly puppet: string;
  readonly puppetToken?: string;
  readonly puppetEndpoint?: string;
  readonly acceptUnofficial: boolean;
  readonly acceptFriends: boolean;
  readonly officialAccount?: { readonly appId: string; readonly appSecret: string; readonly token: string };
}

export interface FileSettings {
  /** An S3-compatible bucket, such as https://minio:9000/niangjia; absent: a folder below the data folder. */
  readonly url?: string;
  readonly accessKey?: string;
  readonly secretKey?: string;
  /** Bytes. */
  readonly longest: number;
}

/** Where admins are told what needs them; both may be set, or none. */
export interface AlertSettings {
  readonly webhookUrl?: string;
  readonly telegramChat?: string;
}

/**
 * Reads the settings from an environment. A blank value counts as unset; names that are not settings are left
 * alone. Throws `config.invalid` with every fault by name (never with a value: it may be a secret), and
 * `model.cross_border_refused` where workers' words would go to a model abroad without ALLOW_CROSS_BORDER=yes.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const values = readSettings(env);
  const llm = endpoint(values, "LLM");
  const embeddings = endpoint(values, "EMBEDDINGS");
  const rerank = rerankIn(values);
  const transcribe = endpoint(values, "TRANSCRIBE");
  if (!values.ALLOW_CROSS_BORDER) {
    refuseForeignHosts({
      LLM_BASE_URL: llm,
      EMBEDDINGS_BASE_URL: embeddings,
      RERANK_BASE_URL: rerank,
      TRANSCRIBE_BASE_URL: transcribe,
    });
  }
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    dataDir: values.DATA_DIR,
    federation: values.FEDERATION,
    vectors: values.VECTORS,
    logLevel: values.LOG_LEVEL,
    messagesPerVisitorPerMinute: values.MESSAGES_PER_VISITOR_PER_MINUTE,
    requestsPerAddressPerMinute: values.REQUESTS_PER_ADDRESS_PER_MINUTE,
    trustProxy: values.TRUST_PROXY,
    embedOrigins: Object.freeze(values.EMBED_ORIGINS),
    burstMs: values.BURST_MS,
    turnsAtOnce: values.TURNS_AT_ONCE,
    busyAfter: values.BUSY_AFTER,
    messagesPerContactPerMinute: values.MESSAGES_PER_CONTACT_PER_MINUTE,
    ocr: values.OCR,
    retentionDays: values.RETENTION_DAYS,
    backupDays: values.BACKUP_DAYS,
    rehearsalQuestions: values.REHEARSAL_QUESTIONS,
    webhooksToPrivate: values.WEBHOOKS_TO_PRIVATE,
    ...given({
      databaseUrl: values.DATABASE_URL,
      knowledgeDir: values.KNOWLEDGE_DIR,
      llm,
      embeddings,
      rerank,
      publicUrl: values.PUBLIC_URL,
      identityKey: values.IDENTITY_KEY,
      telegram: telegramIn(values),
      wechat: wechatIn(values),
      transcribe,
      encryptionKey: values.ENCRYPTION_KEY,
      formerEncryptionKey: values.FORMER_ENCRYPTION_KEY,
    }),
    files: Object.freeze({
      longest: values.LONGEST_FILE_MB * 1024 * 1024,
      ...given({
        url: values.FILES_URL,
        accessKey: values.FILES_ACCESS_KEY,
        secretKey: values.FILES_SECRET_KEY,
      }),
    }),
    alerts: Object.freeze(
      given({ webhookUrl: values.ALERT_WEBHOOK_URL, telegramChat: values.ALERT_TELEGRAM_CHAT }),
    ),
  });
}

function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const raw = Object.fromEntries(
    Object.entries(settingDefaults).map(([name, preset]) => [name, env[name]?.trim() || preset || undefined]),
  );
  const parsed = settings.safeParse(raw);
  const wrong = parsed.error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`) ?? [];
  const faults = [...wrong, ...missingSettings(raw)];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new AppError(
    "config.invalid",
    `These settings are wrong: ${faults.join("; ")}. See CONFIGURATION.md.`,
    { details: { faults } },
  );
}

/** The object without its undefined members: an absent setting is absent. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

function telegramIn(values: Settings): TelegramSettings | undefined {
  if (values.TELEGRAM_BOT_TOKEN === undefined) return undefined;
  return Object.freeze({
    token: values.TELEGRAM_BOT_TOKEN,
    apiRoot: values.TELEGRAM_API_ROOT,
    messagesPerSecond: values.TELEGRAM_MESSAGES_PER_SECOND,
    messagesPerChatPerSecond: values.TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND,
    ...given({ webhookSecret: values.TELEGRAM_WEBHOOK_SECRET }),
  });
}

function wechatIn(values: Settings): WechatSettings | undefined {
  const puppet =
    values.WECHAT_PUPPET ??
    (values.WECHAT_OA_APP_ID === undefined ? undefined : "wechaty-puppet-official-account");
  if (puppet === undefined) return undefined;
  const { WECHAT_OA_APP_ID: appId, WECHAT_OA_APP_SECRET: appSecret, WECHAT_OA_TOKEN: token } = values;
  return Object.freeze({
    puppet,
    acceptUnofficial: values.WECHAT_ACCEPT_UNOFFICIAL,
    acceptFriends: values.WECHAT_ACCEPT_FRIENDS,
    ...given({
      puppetToken: values.WECHAT_PUPPET_TOKEN,
      puppetEndpoint: values.WECHAT_PUPPET_ENDPOINT,
      officialAccount:
        appId === undefined || appSecret === undefined || token === undefined
          ? undefined
          : Object.freeze({ appId, appSecret, token }),
    }),
  });
}

/** The endpoint of one group of settings; undefined where its model is not set, whatever else is. */
function endpoint(values: Settings, group: "LLM" | "EMBEDDINGS" | "TRANSCRIBE"): ModelEndpoint | undefined {
  const model = values[`${group}_MODEL`];
  if (model === undefined) return undefined;
  return Object.freeze({
    model,
    timeoutMs: values[`${group}_TIMEOUT_MS`],
    ...given({ baseUrl: values[`${group}_BASE_URL`], apiKey: values[`${group}_API_KEY`] }),
  });
}

/** `missingSettings` sees to it that a model has an address. */
function rerankIn(values: Settings): RerankEndpoint | undefined {
  const { RERANK_MODEL: model, RERANK_BASE_URL: baseUrl } = values;
  if (model === undefined || baseUrl === undefined) return undefined;
  return Object.freeze({ model, baseUrl, ...given({ apiKey: values.RERANK_API_KEY }) });
}

/** Where a client without a base URL goes. */
const openAi = "https://api.openai.com/v1";

function refuseForeignHosts(endpoints: Record<string, Pick<ModelEndpoint, "baseUrl"> | undefined>): void {
  const foreign = Object.entries(endpoints).flatMap(([setting, used]) => {
    const url = used === undefined ? undefined : (used.baseUrl ?? openAi);
    return url === undefined || isDomestic(url) ? [] : [`${new URL(url).hostname} (${setting})`];
  });
  if (foreign.length > 0) {
    throw new AppError(
      "model.cross_border_refused",
      `Workers' questions would leave the Chinese mainland for ${foreign.join(" and ")}. ` +
        "Name an endpoint inside it, or set ALLOW_CROSS_BORDER=yes.",
      { details: { foreign } },
    );
  }
}
