import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServiceProcess, startServiceProcess } from "../../support/service-process.ts";
import { openVisitor, type Visitor } from "../http/service.ts";

let dataDir: string;
let service: ServiceProcess;
let visitor: Visitor;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "niangjia-bad-input-"));
  service = await startServiceProcess({
    DATA_DIR: dataDir,
    LOG_LEVEL: "info",
    MESSAGES_PER_VISITOR_PER_MINUTE: "60",
    REQUESTS_PER_ADDRESS_PER_MINUTE: "1500",
  });
  visitor = await openVisitor(service.url);
});
afterAll(async () => {
  await service?.kill();
  await rm(dataDir, { recursive: true, force: true });
});

interface Stored {
  readonly id: string;
  readonly sender: string;
  readonly text: string;
  readonly replyTo?: string;
  readonly answer?: { readonly state: string; readonly citations: readonly unknown[] };
}

async function messages(): Promise<Stored[]> {
  const page = (await (await visitor.get("/api/messages?after=0")).json()) as { messages: Stored[] };
  return page.messages;
}

/** What the service replies to an accepted message. */
async function replyTo(text: string): Promise<Stored> {
  const response = await visitor.say(text);
  expect(response.status).toBe(202);
  const { message } = (await response.json()) as { message: Stored };
  const find = async () => (await messages()).find((stored) => stored.replyTo === message.id);
  await expect.poll(find, { timeout: 30_000 }).toBeDefined();
  return (await find()) as Stored;
}

/** The sentence for the reader: Chinese, one line, nothing of the inside. */
async function sentenceOf(response: Response): Promise<string> {
  const body = await response.text();
  expect(body).not.toMatch(/\.ts\b|node_modules|\bat [A-Za-z]+ \(|Error:/u);
  const { error } = JSON.parse(body) as { error: { message: string } };
  expect(error.message).toMatch(/^[^\n]*\p{Script=Han}[^\n]*$/u);
  return error.message;
}

/** Resident memory in MiB, where the system tells it. */
function memory(): number | undefined {
  const file = `/proc/${service.pid}/status`;
  if (!existsSync(file)) return undefined;
  return Number(/VmRSS:\s+(?<kib>\d+)/u.exec(readFileSync(file, "utf8"))?.groups?.kib) / 1_024;
}

describe("the running service", () => {
  it.each([
    ["emoji only", "😡😡😡"],
    ["right to left", "ئىش ھەققىمنى بەرمىدى؟"],
    ["markup", "<script>alert(1)</script>"],
    ["one sign four thousand times", "啊".repeat(4_000)],
    ["digits only", "1234567890".repeat(20)],
    ["Latin letters", "asdf qwer zxcv"],
  ])("answers a message of %s without citing anything for it", async (_, text) => {
    const reply = await replyTo(text);
    expect(reply.sender).toBe("bot");
    expect(reply.text).not.toMatch(/undefined|NaN|\[object|Error/u);
    expect(["nothing_found", "out_of_scope", "small_talk"]).toContain(reply.answer?.state);
    expect(reply.answer?.citations).toEqual([]);
  });

  it("answers what stands between noise", async () => {
    const reply = await replyTo(`！！！😡😡${"\n".repeat(50)}公司一直不签合同我能要什么赔偿\u202e？？？`);
    expect(reply.answer?.state).toBe("grounded");
    expect(reply.text).toMatch(/(?:二|双|两)倍/u);
  });

  it.each([
    ["nothing", "", 422],
    ["blanks", " \u3000\n\t", 422],
    ["a hundred thousand characters", "长".repeat(100_000), 413],
  ])("refuses %s with what to do", async (_, text, status) => {
    const before = (await messages()).length;
    const response = await visitor.say(text);
    expect(response.status).toBe(status);
    await sentenceOf(response);
    expect(await messages()).toHaveLength(before);
  });

  it.each([
    ["malformed JSON", '{"clientId": "a", "text": ', "application/json"],
    ["binary", randomBytes(4_096).toString("latin1"), "application/json"],
    ["another type", "text=hi", "application/x-www-form-urlencoded"],
  ])("refuses a body of %s", async (_, body, type) => {
    const response = await visitor.send("/api/messages", body, type);
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    await sentenceOf(response);
  });

  it("does not know a session that it has not given", async () => {
    for (const token of ["nobody", "a".repeat(43), randomBytes(32).toString("base64url")]) {
      const response = await fetch(`${service.url}/api/messages?after=0`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(401);
      await sentenceOf(response);
    }
    expect((await fetch(`${service.url}/api/passages/nothing`)).status).toBe(404);
  });

  it("bears a flood: refuses politely, keeps its memory, goes on answering others", async () => {
    const before = memory();
    const flood = await openVisitor(service.url);
    const statuses: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const responses = await Promise.all(
        Array.from({ length: 40 }, () => flood.say(`公司不签合同${"怎么办".repeat(500)}`)),
      );
      for (const response of responses) {
        statuses.push(response.status);
        if (response.status !== 429) await response.body?.cancel();
        else {
          expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
          await sentenceOf(response);
        }
      }
    }
    expect(new Set(statuses)).toEqual(new Set([202, 429]));
    expect(statuses.filter((status) => status === 202).length).toBeLessThanOrEqual(60);
    expect((await replyTo("年休假一年有几天")).answer?.state).toBe("grounded");
    const after = memory();
    if (before !== undefined && after !== undefined) expect(after - before).toBeLessThan(300);
  });

  it("wrote no stack trace and no message text, and is still ready", async () => {
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    expect(service.output()).not.toMatch(/^\s+at .+:\d+:\d+/mu);
    expect(service.output()).not.toMatch(/"stack"/u);
    expect(service.output()).not.toContain("不签合同");
  });
});
