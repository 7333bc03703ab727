import { z } from "zod";
import { isDomestic } from "./domestic-hosts.ts";
import { AppError } from "./errors.ts";

/** Every setting with its default; empty: none. `CONFIGURATION.md` and `.env.example` list the same ones. */
export const settingDefaults = {
  PORT: "3000",
  HOST: "127.0.0.1",
  DATA_DIR: "./data",
  DATABASE_URL: "",
  KNOWLEDGE_DIR: "",
  FEDERATION: "chongqing",
  LOG_LEVEL: "info",
  LLM_MODEL: "",
  LLM_BASE_URL: "",
  LLM_API_KEY: "",
  LLM_TIMEOUT_MS: "12000",
  EMBEDDINGS_MODEL: "",
  EMBEDDINGS_BASE_URL: "",
  EMBEDDINGS_API_KEY: "",
  EMBEDDINGS_TIMEOUT_MS: "30000",
  ALLOW_CROSS_BORDER: "no",
  MESSAGES_PER_VISITOR_PER_MINUTE: "30",
  REQUESTS_PER_ADDRESS_PER_MINUTE: "120",
  TRUST_PROXY: "no",
} as const;

export type SettingName = keyof typeof settingDefaults;

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** An OpenAI-compatible endpoint. Without `baseUrl` it is OpenAI's own. */
export interface ModelEndpoint {
  readonly model: string;
  readonly baseUrl?: string;
  readonly apiKey?: string;
  readonly timeoutMs: number;
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
  readonly logLevel: LogLevel;
  readonly llm?: ModelEndpoint;
  readonly embeddings?: ModelEndpoint;
  readonly messagesPerVisitorPerMinute: number;
  readonly requestsPerAddressPerMinute: number;
  readonly trustProxy: boolean;
}

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

const settings = z.object({
  PORT: wholeNumber(0, 65_535),
  HOST: z.string().regex(/^[\w.:-]+$/, "must be a host name or an IP address"),
  DATA_DIR: z.string(),
  DATABASE_URL: address("postgres:", "postgresql:").optional(),
  KNOWLEDGE_DIR: text,
  FEDERATION: z.string().regex(/^[a-z0-9-]+$/, "must be a folder name of small letters, digits and hyphens"),
  LOG_LEVEL: z.enum(logLevels, `must be one of ${logLevels.join(", ")}`),
  LLM_MODEL: text,
  LLM_BASE_URL: httpAddress,
  LLM_API_KEY: text,
  LLM_TIMEOUT_MS: timeout,
  EMBEDDINGS_MODEL: text,
  EMBEDDINGS_BASE_URL: httpAddress,
  EMBEDDINGS_API_KEY: text,
  EMBEDDINGS_TIMEOUT_MS: timeout,
  ALLOW_CROSS_BORDER: yesNo,
  MESSAGES_PER_VISITOR_PER_MINUTE: perMinute,
  REQUESTS_PER_ADDRESS_PER_MINUTE: perMinute,
  TRUST_PROXY: yesNo,
} satisfies Record<SettingName, z.ZodType>);

type Settings = z.output<typeof settings>;

/**
 * Reads the settings from an environment. A blank value counts as unset; names that are not settings are left
 * alone. Throws `config.invalid` with every fault by name (never with a value: it may be a secret), and
 * `model.cross_border_refused` where workers' words would go to a model abroad without ALLOW_CROSS_BORDER=yes.
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.entries(settingDefaults).map(([name, preset]) => [
    name,
    env[name]?.trim() || preset || undefined,
  ]);
  const parsed = settings.safeParse(Object.fromEntries(given));
  if (!parsed.success) {
    const faults = parsed.error.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    throw new AppError(
      "config.invalid",
      `These settings are wrong: ${faults.join("; ")}. See CONFIGURATION.md.`,
      {
        details: { faults },
      },
    );
  }
  const values = parsed.data;
  const llm = endpoint(values, "LLM");
  const embeddings = endpoint(values, "EMBEDDINGS");
  if (!values.ALLOW_CROSS_BORDER) {
    refuseForeignHosts({ LLM_BASE_URL: llm, EMBEDDINGS_BASE_URL: embeddings });
  }
  return Object.freeze({
    port: values.PORT,
    host: values.HOST,
    dataDir: values.DATA_DIR,
    ...(values.DATABASE_URL === undefined ? {} : { databaseUrl: values.DATABASE_URL }),
    ...(values.KNOWLEDGE_DIR === undefined ? {} : { knowledgeDir: values.KNOWLEDGE_DIR }),
    federation: values.FEDERATION,
    logLevel: values.LOG_LEVEL,
    ...(llm === undefined ? {} : { llm }),
    ...(embeddings === undefined ? {} : { embeddings }),
    messagesPerVisitorPerMinute: values.MESSAGES_PER_VISITOR_PER_MINUTE,
    requestsPerAddressPerMinute: values.REQUESTS_PER_ADDRESS_PER_MINUTE,
    trustProxy: values.TRUST_PROXY,
  });
}

/** The endpoint of one group of settings; undefined where its model is not set, whatever else is. */
function endpoint(values: Settings, group: "LLM" | "EMBEDDINGS"): ModelEndpoint | undefined {
  const model = values[`${group}_MODEL`];
  const baseUrl = values[`${group}_BASE_URL`];
  const apiKey = values[`${group}_API_KEY`];
  if (model === undefined) {
    return undefined;
  }
  return Object.freeze({
    model,
    ...(baseUrl === undefined ? {} : { baseUrl }),
    ...(apiKey === undefined ? {} : { apiKey }),
    timeoutMs: values[`${group}_TIMEOUT_MS`],
  });
}

/** Where a client without a base URL goes. */
const openAi = "https://api.openai.com/v1";

function refuseForeignHosts(endpoints: Record<string, ModelEndpoint | undefined>): void {
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
