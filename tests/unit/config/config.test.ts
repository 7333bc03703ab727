import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config.ts";
import { AppError } from "../../../src/errors.ts";
import { settingDefaults } from "../../../src/settings.ts";

function failure(env: Record<string, string>): AppError {
  try {
    readConfig(env);
  } catch (error) {
    if (error instanceof AppError) {
      return error;
    }
    throw error;
  }
  throw new Error("The settings were accepted.");
}

describe("readConfig", () => {
  it("needs no setting", () => {
    expect(readConfig({})).toEqual({
      port: 3000,
      host: "127.0.0.1",
      dataDir: "./data",
      federation: "chongqing",
      vectors: "hnsw",
      logLevel: "info",
      messagesPerVisitorPerMinute: 30,
      requestsPerAddressPerMinute: 120,
      trustProxy: false,
      embedOrigins: [],
      burstMs: 1200,
      turnsAtOnce: 8,
      busyAfter: 300,
      messagesPerContactPerMinute: 60,
      ocr: false,
      files: { longest: 20 * 1024 * 1024 },
      retentionDays: 365,
      backupDays: 30,
      rehearsalQuestions: 100,
      webhooksToPrivate: false,
      alerts: {},
    });
  });

  it("takes a blank value as unset and trims the others", () => {
    const config = readConfig({ PORT: "  ", DATABASE_URL: "", LLM_MODEL: " ", HOST: " 0.0.0.0 " });
    expect(config).toMatchObject({ port: 3000, host: "0.0.0.0" });
    expect(config).not.toHaveProperty("databaseUrl");
    expect(config).not.toHaveProperty("llm");
  });

  it("cannot be changed afterwards", () => {
    const config = readConfig({ LLM_MODEL: "m", LLM_BASE_URL: "http://localhost:9/v1" });
    expect(Object.isFrozen(config)).toBe(true);
    for (const part of [config.llm, config.files, config.alerts, config.embedOrigins])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it("reports all faults together by name, and no value", () => {
    const error = failure({
      PORT: "70000",
      LOG_LEVEL: "loud",
      DATABASE_URL: "mysql://root:s3cret@db/x",
      LLM_BASE_URL: "not an address",
      TRUST_PROXY: "perhaps",
      FEDERATION: "../../etc",
      LLM_TIMEOUT_MS: "1e9",
      REQUESTS_PER_ADDRESS_PER_MINUTE: "0",
    });
    expect(error.code).toBe("config.invalid");
    expect(error.details.faults).toHaveLength(8);
    for (const name of ["PORT", "LOG_LEVEL", "DATABASE_URL", "LLM_BASE_URL", "TRUST_PROXY", "FEDERATION"]) {
      expect(error.message).toContain(name);
    }
    expect(error.message).not.toContain("s3cret");
  });

  it.each(["-1", "80.5", "0x50", "65536", "３０００"])("refuses the port %s", (PORT) => {
    expect(failure({ PORT }).message).toContain("PORT");
  });

  it("reads a model's endpoint", () => {
    const config = readConfig({
      LLM_MODEL: "deepseek-chat",
      LLM_BASE_URL: "https://api.deepseek.com/v1",
      LLM_API_KEY: "key\n",
      LLM_TIMEOUT_MS: "5000",
    });
    expect(config.llm).toEqual({
      model: "deepseek-chat",
      baseUrl: "https://api.deepseek.com/v1",
      apiKey: "key",
      timeoutMs: 5000,
    });
  });

  it("reads a reranker, and asks for its address", () => {
    const rerank = { RERANK_MODEL: "bge", RERANK_BASE_URL: "https://rerank.example.cn/v1" };
    expect(readConfig(rerank).rerank).toEqual({ model: "bge", baseUrl: "https://rerank.example.cn/v1" });
    expect(readConfig({ ...rerank, RERANK_API_KEY: "k" }).rerank).toHaveProperty("apiKey", "k");
    expect(readConfig({ RERANK_BASE_URL: "https://rerank.example.com/v1" }).rerank).toBeUndefined();
    expect(failure({ RERANK_MODEL: "bge" }).details.faults).toEqual([
      "RERANK_BASE_URL is missing: RERANK_MODEL is asked there",
    ]);
  });

  it("ignores an address of a model that is not set", () => {
    expect(readConfig({ LLM_BASE_URL: "https://api.openai.com/v1" }).llm).toBeUndefined();
  });
});

describe("the settings of the channels", () => {
  const token = "12345:AbCd-ef_01";

  it("are absent until a bot's token or a puppet is set, whatever else is", () => {
    const config = readConfig({
      TELEGRAM_WEBHOOK_SECRET: "a".repeat(16),
      WECHAT_PUPPET_TOKEN: "t",
      TRANSCRIBE_BASE_URL: "http://localhost:9/v1",
    });
    for (const name of ["telegram", "wechat", "transcribe"]) expect(config).not.toHaveProperty(name);
  });

  it("read a bot with Telegram's own limits and address", () => {
    expect(readConfig({ TELEGRAM_BOT_TOKEN: token }).telegram).toEqual({
      token,
      apiRoot: "https://api.telegram.org",
      messagesPerSecond: 30,
      messagesPerChatPerSecond: 1,
    });
  });

  it("read a bot behind its own server, by webhook", () => {
    const { telegram, publicUrl } = readConfig({
      TELEGRAM_BOT_TOKEN: token,
      TELEGRAM_API_ROOT: "http://127.0.0.1:8081/",
      TELEGRAM_WEBHOOK_SECRET: "s_-".repeat(6),
      PUBLIC_URL: "https://niangjia.example.cn//",
    });
    expect(telegram).toMatchObject({ apiRoot: "http://127.0.0.1:8081", webhookSecret: "s_-".repeat(6) });
    expect(publicUrl).toBe("https://niangjia.example.cn");
  });

  it("read a puppet, and an official account only whole", () => {
    expect(readConfig({ WECHAT_PUPPET: "wechaty-puppet-service", WECHAT_PUPPET_TOKEN: "t" }).wechat).toEqual({
      puppet: "wechaty-puppet-service",
      puppetToken: "t",
      acceptUnofficial: false,
      acceptFriends: true,
    });
    const { wechat } = readConfig({
      WECHAT_PUPPET: "wechaty-puppet-official-account",
      WECHAT_OA_APP_ID: "wx1",
      WECHAT_OA_APP_SECRET: "s",
      WECHAT_OA_TOKEN: "t",
    });
    expect(wechat?.officialAccount).toEqual({ appId: "wx1", appSecret: "s", token: "t" });
  });

  it.each([
    ["TELEGRAM_BOT_TOKEN", "s3cret"],
    ["TELEGRAM_API_ROOT", "telegram"],
    ["TELEGRAM_WEBHOOK_SECRET", "s3cret"],
    ["TELEGRAM_MESSAGES_PER_SECOND", "0"],
    ["TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND", "1.5"],
    ["WECHAT_PUPPET", "../s3cret"],
    ["WECHAT_ACCEPT_UNOFFICIAL", "Yes!"],
    ["WECHAT_ACCEPT_FRIENDS", "1"],
    ["BURST_MS", "60001"],
    ["TURNS_AT_ONCE", "0"],
    ["BUSY_AFTER", "many"],
    ["MESSAGES_PER_CONTACT_PER_MINUTE", "-1"],
    ["OCR", "yes"],
    ["FILES_URL", "s3://s3cret"],
    ["LONGEST_FILE_MB", "101"],
    ["ENCRYPTION_KEY", "czNjcmV0"],
    ["RETENTION_DAYS", "forever"],
    ["BACKUP_DAYS", "36501"],
    ["EMBED_ORIGINS", "https://a.cn, https://b.cn/s3cret"],
    ["IDENTITY_KEY", "s3cret"],
    ["PUBLIC_URL", "niangjia.example.cn"],
    ["VECTORS", "s3cret"],
    ["ALERT_WEBHOOK_URL", "file:///s3cret"],
    ["ALERT_TELEGRAM_CHAT", "s3cret chat"],
  ])("refuse a wrong %s by its name alone", (name, value) => {
    const error = failure({ [name]: value });
    expect(error.code).toBe("config.invalid");
    expect(error.message).toContain(`${name} must`);
    expect(error.message).not.toContain("s3cret");
    expect(JSON.stringify(error.details)).not.toContain("s3cret");
  });
});

describe("settings that belong together", () => {
  it("an official account with a part missing says which", () => {
    const { message, details } = failure({
      WECHAT_PUPPET: "wechaty-puppet-service",
      WECHAT_OA_APP_ID: "wx1",
    });
    expect(details.faults).toEqual([
      "WECHAT_OA_APP_SECRET is missing: an official account needs all three",
      "WECHAT_OA_TOKEN is missing: an official account needs all three",
    ]);
    expect(message).not.toContain("wx1");
  });

  it("the puppet of official accounts does not start without one", () => {
    const { details } = failure({ WECHAT_PUPPET: "wechaty-puppet-official-account" });
    expect(details.faults).toHaveLength(3);
  });

  it("the keys of a bucket need its address, and the address both keys", () => {
    expect(failure({ FILES_SECRET_KEY: "s3cret" }).details.faults).toEqual([
      "FILES_URL is missing: the keys are for a bucket, name its address",
    ]);
    expect(failure({ FILES_URL: "https://minio:9000/b", FILES_ACCESS_KEY: "k" }).details.faults).toEqual([
      "FILES_SECRET_KEY is missing: the bucket of FILES_URL is opened with both keys",
    ]);
    const files = { FILES_URL: "https://minio:9000/b", FILES_ACCESS_KEY: "k", FILES_SECRET_KEY: "s" };
    expect(readConfig(files).files).toMatchObject({ accessKey: "k", secretKey: "s" });
  });

  it("vectors in PostgreSQL need its address", () => {
    expect(failure({ VECTORS: "pgvector" }).details.faults).toEqual([
      "DATABASE_URL is missing: VECTORS=pgvector keeps vectors in PostgreSQL",
    ]);
    const config = readConfig({ VECTORS: "pgvector", DATABASE_URL: "postgres://u@db/n" });
    expect(config.vectors).toBe("pgvector");
  });

  it("alerts by Telegram need the bot that writes them", () => {
    expect(failure({ ALERT_TELEGRAM_CHAT: "-100123" }).message).toContain("TELEGRAM_BOT_TOKEN is missing");
    const alerts = { ALERT_TELEGRAM_CHAT: "-100123", ALERT_WEBHOOK_URL: "https://a.cn/hook" };
    expect(readConfig({ ...alerts, TELEGRAM_BOT_TOKEN: "1:a" }).alerts).toEqual({
      webhookUrl: "https://a.cn/hook",
      telegramChat: "-100123",
    });
  });

  it("what is missing is told together with what is wrong", () => {
    expect(failure({ PORT: "x", WECHAT_OA_TOKEN: "t" }).details.faults).toHaveLength(3);
  });
});

describe("privacy and other systems", () => {
  it("a key is 32 bytes in hex or in base64", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i * 7);
    for (const format of ["hex", "base64"] as const) {
      const { encryptionKey } = readConfig({ ENCRYPTION_KEY: Buffer.from(bytes).toString(format) });
      expect(encryptionKey).toEqual(bytes);
    }
  });

  it("conversations may be kept for good", () => {
    expect(readConfig({ RETENTION_DAYS: "0", BACKUP_DAYS: "7" })).toMatchObject({
      retentionDays: 0,
      backupDays: 7,
    });
  });

  it("origins stand between spaces and commas", () => {
    const { embedOrigins } = readConfig({ EMBED_ORIGINS: "https://a.cn,  http://b.cn:8080\thttps://c.cn" });
    expect(embedOrigins).toEqual(["https://a.cn", "http://b.cn:8080", "https://c.cn"]);
  });
});

describe("a model abroad", () => {
  it("is refused at the start, for chat, embeddings, reranking and speech, by name", () => {
    const error = failure({
      LLM_MODEL: "m",
      LLM_BASE_URL: "https://user:s3cret@llm.example.com/v1",
      EMBEDDINGS_MODEL: "e",
      RERANK_MODEL: "r",
      RERANK_BASE_URL: "https://rerank.example.com/v1",
      TRANSCRIBE_MODEL: "t",
      TRANSCRIBE_BASE_URL: "https://speech.example.com/v1",
    });
    expect(error.code).toBe("model.cross_border_refused");
    expect(error.message).toContain("llm.example.com (LLM_BASE_URL)");
    expect(error.message).toContain("api.openai.com (EMBEDDINGS_BASE_URL)");
    expect(error.message).toContain("rerank.example.com (RERANK_BASE_URL)");
    expect(error.message).toContain("speech.example.com (TRANSCRIBE_BASE_URL)");
    expect(error.message).not.toContain("s3cret");
  });

  it("is accepted when the operator says so", () => {
    expect(readConfig({ LLM_MODEL: "gpt", ALLOW_CROSS_BORDER: "yes" }).llm?.model).toBe("gpt");
  });
});

describe("the written settings", () => {
  it("stand in CONFIGURATION.md with their defaults", () => {
    const rows = readFileSync("CONFIGURATION.md", "utf8").matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`)? ?\|/gm);
    expect(Object.fromEntries([...rows].map(([, name, preset]) => [name, preset ?? ""]))).toEqual(
      settingDefaults,
    );
  });

  it("stand in .env.example, commented out, and the example values are valid", () => {
    const lines = readFileSync(".env.example", "utf8").split("\n");
    const examples = lines.flatMap((line) => {
      const match = /^# ([A-Z_]+)=(.*)$/.exec(line);
      return match === null ? [] : [[match[1], match[2]]];
    });
    expect(lines.every((line) => line === "" || line.startsWith("#"))).toBe(true);
    expect(examples.map(([name]) => name).sort()).toEqual(Object.keys(settingDefaults).sort());
    expect(() => readConfig(Object.fromEntries(examples))).not.toThrow();
  });
});
