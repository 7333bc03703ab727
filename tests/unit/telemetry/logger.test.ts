import { describe, expect, it } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { createLogger, type LoggerOptions } from "../../../src/telemetry/logger.ts";

function recorded(level: LoggerOptions["level"] = "info") {
  const lines: string[] = [];
  return { lines, logger: createLogger({ level, stream: { write: (line) => lines.push(line) } }) };
}

describe("createLogger", () => {
  it("writes one JSON object a line with level, time and message", () => {
    const { lines, logger } = recorded();
    logger.warn({ conversationId: "c1", ms: 12 }, "a turn was slow");
    expect(lines).toHaveLength(1);
    const entry = JSON.parse(lines[0] ?? "");
    expect(entry).toMatchObject({ level: "warn", conversationId: "c1", ms: 12, msg: "a turn was slow" });
    expect(new Date(entry.time).toISOString()).toBe(entry.time);
  });

  it("keeps quiet below its level", () => {
    const { lines, logger } = recorded("error");
    logger.info({}, "nothing");
    expect(lines).toEqual([]);
  });

  it("never writes a token, a key or somebody's words, at whatever depth they are passed", () => {
    const { lines, logger } = recorded();
    logger.info(
      {
        authorization: "S1",
        headers: { Authorization: "S2", Cookie: "S3", "x-api-key": "kept?" },
        model: { options: { apiKey: "S4", api_key: "S5" } },
        message: { id: "m1", text: "S6", history: [{ question: "S7", phone: "S8" }] },
      },
      "request",
    );
    expect(lines[0]).not.toMatch(/S\d/);
    expect(lines[0]).toContain('"id":"m1"');
  });

  it("hides passwords and query strings in addresses, bearer tokens and keys, also inside an error", () => {
    const { lines, logger } = recorded();
    const cause = new Error("connect postgres://niangjia:S1@db.local:5432/x failed");
    const error = new AppError("model.unavailable", "GET https://llm.cn/v1?key=S2 said no to Bearer S3.abc", {
      cause,
    });
    logger.error({ err: error }, "the key sk-S4abcdefgh was refused at https://u:S5@h/");
    expect(lines[0]).not.toMatch(/S\d/);
    const entry = JSON.parse(lines[0] ?? "");
    expect(entry.err).toMatchObject({ type: "AppError", code: "model.unavailable" });
    expect(entry.err.stack).toContain("logger.test.ts");
    expect(entry.err.cause.message).toContain("db.local:5432/x failed");
  });

  it("survives an object that contains itself and values without JSON", () => {
    const { lines, logger } = recorded();
    const loop: Record<string, unknown> = { id: "x" };
    loop.self = loop;
    logger.info(
      { loop, bytes: new Uint8Array(4), when: new Date(0), none: null, long: "a".repeat(9_000) },
      "odd",
    );
    const entry = JSON.parse(lines[0] ?? "");
    expect(entry).toMatchObject({ bytes: "[4 bytes]", when: "1970-01-01T00:00:00.000Z", none: null });
    expect(entry.long).toHaveLength(2_001);
  });
});
