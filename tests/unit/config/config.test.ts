import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readConfig, settingDefaults } from "../../../src/config.ts";
import { AppError } from "../../../src/errors.ts";

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
      logLevel: "info",
      messagesPerVisitorPerMinute: 30,
      requestsPerAddressPerMinute: 120,
      trustProxy: false,
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
    expect(Object.isFrozen(config.llm)).toBe(true);
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

  it("ignores an address of a model that is not set", () => {
    expect(readConfig({ LLM_BASE_URL: "https://api.openai.com/v1" }).llm).toBeUndefined();
  });
});

describe("a model abroad", () => {
  it("is refused at the start, for the chat model and for embeddings, by name", () => {
    const error = failure({
      LLM_MODEL: "m",
      LLM_BASE_URL: "https://user:s3cret@llm.example.com/v1",
      EMBEDDINGS_MODEL: "e",
    });
    expect(error.code).toBe("model.cross_border_refused");
    expect(error.message).toContain("llm.example.com (LLM_BASE_URL)");
    expect(error.message).toContain("api.openai.com (EMBEDDINGS_BASE_URL)");
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
