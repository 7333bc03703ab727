import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { request } from "node:http";
import type { Message } from "grammy/types";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonDriver } from "../../support/bot-api/people.ts";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { htmlAsPhoto, makeJpeg, pngBomb } from "../../support/sample-media.ts";
import { ServiceSite } from "./service-site.ts";
import { patience, replyAfter, shownAfter, telegramSettings } from "./telegram-service.ts";
import { openVisitor, type ShownMessage, type Visitor } from "./visitor.ts";

let api: BotApi;
let site: ServiceSite;
let visitor: Visitor;
/** Somebody who means well, beside whatever happens. */
let quiet: PersonDriver;

beforeAll(async () => {
  api = await startBotApi({ recordCalls: false });
  site = await ServiceSite.open({
    ...telegramSettings(api),
    LOG_LEVEL: "info",
    MESSAGES_PER_VISITOR_PER_MINUTE: "60",
    REQUESTS_PER_ADDRESS_PER_MINUTE: "1500",
  });
  visitor = await openVisitor(site.url);
  quiet = api.newPerson();
  await shownAfter(quiet, 2, () => quiet.sends("你好"));
});
afterAll(async () => {
  await site?.close();
  await api?.close();
});

/** What the service replies to an accepted message. */
async function replyTo(text: string, from = visitor): Promise<ShownMessage> {
  const response = await from.say(text);
  expect(response.status).toBe(202);
  const { message } = (await response.json()) as { message: ShownMessage };
  const find = async () => (await from.messages()).find((stored) => stored.replyTo === message.id);
  await expect.poll(find, patience).toBeDefined();
  return (await find()) as ShownMessage;
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
  const file = `/proc/${site.pid}/status`;
  if (!existsSync(file)) return undefined;
  return Number(/VmRSS:\s+(?<kib>\d+)/u.exec(readFileSync(file, "utf8"))?.groups?.kib) / 1_024;
}

/** Fails where the memory grew by more than that since `before`, in MiB. */
function expectNoMoreThan(mebibytes: number, before: number | undefined): void {
  const after = memory();
  if (before !== undefined && after !== undefined) expect(after - before).toBeLessThan(mebibytes);
}

describe("on the page, the running service", () => {
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
    const before = (await visitor.messages()).length;
    const response = await visitor.say(text);
    expect(response.status).toBe(status);
    await sentenceOf(response);
    expect(await visitor.messages()).toHaveLength(before);
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
      const response = await fetch(`${site.url}/api/messages?after=0`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(response.status).toBe(401);
      await sentenceOf(response);
    }
    expect((await fetch(`${site.url}/api/passages/nothing`)).status).toBe(404);
  });

  it("bears a flood: refuses politely, keeps its memory, goes on answering others", async () => {
    const before = memory();
    const flood = await openVisitor(site.url);
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
    expectNoMoreThan(300, before);
  });

  it("refuses ten megabytes, and two gigabytes before they come", async () => {
    const before = memory();
    const text = JSON.stringify({ clientId: "big", text: "长".repeat(3_500_000) });
    // A sender who goes on sending is cut off.
    const refused = await visitor.send("/api/messages", text).then(
      ({ status }) => status,
      () => "cut off",
    );
    expect([413, "cut off"]).toContain(refused);
    const announced = await new Promise<number | undefined>((resolve, reject) => {
      const headers = {
        authorization: `Bearer ${visitor.token}`,
        "content-type": "application/octet-stream",
        "content-length": 2 ** 31,
      };
      const upload = request(`${site.url}/api/files?kind=video`, { method: "POST", headers });
      upload.once("response", ({ statusCode }) => {
        resolve(statusCode);
        upload.destroy();
      });
      upload.once("error", reject);
      upload.flushHeaders();
    });
    expect(announced).toBe(413);
    expectNoMoreThan(200, before);
  });

  it.each([
    ["a picture of 3.6 billion pixels", pngBomb, 413],
    ["a page that says it is a photo", htmlAsPhoto, 415],
    ["nothing", Buffer.alloc(0), 415],
  ])("keeps no upload of %s", async (_name, bytes, status) => {
    const response = await visitor.send(
      "/api/files?kind=photo",
      Uint8Array.from(bytes),
      "application/octet-stream",
    );
    expect(response.status).toBe(status);
    await sentenceOf(response);
  });

  it("gives nobody what belongs to another", async () => {
    const other = await openVisitor(site.url);
    const reply = await replyTo("婚假有几天", other);
    const upload = await other.send(
      "/api/files?kind=photo",
      Uint8Array.from(makeJpeg(8, 8)),
      "application/octet-stream",
    );
    const { id } = (await upload.json()) as { id: string };
    const own = await other.get(`/api/files/${id}`);
    expect(own.status).toBe(200);
    expect((await own.arrayBuffer()).byteLength).toBe(makeJpeg(8, 8).byteLength);
    expect((await visitor.get(`/api/files/${id}`)).status).toBe(404);
    const stolen = JSON.stringify({ clientId: "steal", text: "看", attachments: [id] });
    expect((await visitor.send("/api/messages", stolen)).status).toBeGreaterThanOrEqual(400);
    const feedback = `/api/messages/${reply.id}/feedback`;
    expect((await visitor.send(feedback, '{"rating":"down"}')).status).toBe(404);
    for (const path of ["/api/files/..%2f..%2fcontrol.sock", "/api/files/a%00b", "/api/files/%2e%2e"])
      expect((await visitor.get(path)).status).toBeGreaterThanOrEqual(400);
  });
});

describe("on Telegram, the running service", () => {
  /** Always above what Telegram itself has counted up to by then: an older one would be passed over. */
  let lastUpdate = 0;
  const nextUpdate = () => {
    lastUpdate += 10_000;
    return lastUpdate;
  };

  /** An update of this worker that Telegram itself would not make. */
  function inject(person: PersonDriver, content: object): void {
    const id = nextUpdate();
    const message = { message_id: id, date: 1_700_000_000, chat: person.state.chat, from: person.user };
    const update = { update_id: id, message: { ...message, ...content } };
    api.inject(update);
  }

  /** That somebody else is answered shows that nothing is held up. */
  const quietIsAnswered = async () => {
    expect(await replyAfter(quiet, () => quiet.sends("婚假有几天"))).toContain("婚假");
  };

  it("reads the beginning of ten megabytes", async () => {
    const before = memory();
    const worker = api.newPerson();
    const [, reply] = await shownAfter(worker, 2, () => {
      worker.sends("你好");
      inject(worker, { text: `公司一直不签合同我能要什么赔偿${"啊".repeat(3_500_000)}` });
    });
    expect(reply?.text).not.toBe("");
    await quietIsAnswered();
    expectNoMoreThan(300, before);
  });

  it("reads sixty of a thousand messages in a moment, and says once that it was too fast", async () => {
    const before = memory();
    const worker = api.newPerson();
    for (let index = 0; index < 1_000; index += 1) worker.sends(`第${index}句：公司不签合同怎么办`);
    await quietIsAnswered();
    const told = () => worker.texts.filter((text) => text.startsWith("您发得太快了"));
    await expect.poll(() => told().length, patience).toBe(1);
    await expect.poll(() => api.pending.length, patience).toBe(0);
    await expect.poll(() => worker.texts.some((text) => text.includes("来源：")), patience).toBe(true);
    await quietIsAnswered();
    expect(told()).toHaveLength(1);
    expect(worker.sent.length).toBeLessThan(20);
    expectNoMoreThan(300, before);
  });

  it.each([
    ["a file of two gigabytes", { size: 2 ** 31, name: "现场.mp4" }, Buffer.from([0]), /太大了/u],
    ["a picture of 3.6 billion pixels", { name: "a.png", mimeType: "image/png" }, pngBomb, /尺寸太大了/u],
    ["a page that says it is a photo", { name: "a.jpg" }, htmlAsPhoto, /没有收|打不开/u],
  ])("keeps no %s, and says why", async (_name, content, bytes, line) => {
    expect(await replyAfter(quiet, () => quiet.sendsFile("document", bytes, content))).toMatch(line);
  });

  it("reads through marks that are not seen, and turns no text around", async () => {
    const asked = await replyAfter(quiet, () => quiet.sends("人\u200b\u2060工\ufeff"));
    expect(asked).toMatch(/请求我已经记下了/u);
    expect(await replyAfter(quiet, () => quiet.sends("\u202e婚假\u2066有几天\u202c"))).toContain("婚假");
  });

  it("passes over what it has never seen, and tells the operator of it", async () => {
    for (const content of [
      { hologram: { from: quiet.user } },
      { message: "text" },
      { message: null },
      { edited_message: { message_id: 1 } },
      { callback_query: { id: "1" } },
      { my_chat_member: {} },
      { purchased_paid_media: { payload: "x".repeat(10_000) } },
    ]) {
      api.inject({ update_id: nextUpdate(), ...(content as object) });
    }
    await quietIsAnswered();
    expect(site.logged("an update was passed over").length).toBeGreaterThan(2);
  });

  it.each<[string, object]>([
    ["a file name with a zero", { document: { file_id: "f", file_name: "a\u0000b\ud83d" } }],
    ["a type with a zero", { document: { file_id: "f", mime_type: "a/\u0000" } }],
    ["a size that is none", { document: { file_id: "f", file_size: 1e300 } }],
    ["a broken size", { document: { file_id: "f", file_size: 1.5 } }],
    ["a type that is no text", { document: { file_id: "f", mime_type: 5 } }],
    ["a size below zero", { document: { file_id: "f", file_size: -1 } }],
    ["a size in words", { document: { file_id: "f", file_size: "big" } }],
    ["a name that is no text", { document: { file_id: "f", file_name: { a: 1 } } }],
    ["a long name", { document: { file_id: "f", file_name: "长".repeat(100_000) } }],
    ["a reference with a zero", { document: { file_id: "\u0000" } }],
    ["a place beyond the world", { location: { latitude: 1e300, longitude: "east" } }],
    ["a text of zeros and halves", { text: "\u0000\ud83d年休假\udc00" }],
    ["a number as text", { text: 42 }],
  ])("is not stopped by %s", async (_name, content) => {
    const worker = api.newPerson();
    worker.sends("你好");
    inject(worker, content);
    await quietIsAnswered();
    expect((await shownAfter(worker, 0, () => {})).length).toBe(0);
    await expect.poll(() => api.pending.length, patience).toBe(0);
  });

  it("does nothing that only a forged button says", async () => {
    const message = { message_id: 7, date: 0, chat: quiet.state.chat } as Message;
    const reply = await replyAfter(quiet, () => quiet.queries({ message, data: "=确认删除" }));
    expect(reply).not.toMatch(/已经删掉/u);
    quiet.queries({ data: "=确认删除" });
    quiet.queries({ message, data: "\u0000" });
    await quietIsAnswered();
    expect(quiet.texts.join()).not.toMatch(/已经删掉/u);
  });

  it("and the page still work, without a stack trace or a word of anybody in the log", async () => {
    const ready = await fetch(`${site.url}/readyz`);
    expect(await ready.text()).toMatch(/"telegram":\{[^}]*"ready"/u);
    expect((await replyTo("年休假一年有几天", await openVisitor(site.url))).answer?.state).toBe("grounded");
    expect(site.linesWith(/^\s+at .+:\d+:\d+/mu)).toEqual([]);
    expect(site.linesWith(/"stack"/u)).toEqual([]);
    expect(site.linesWith(/不签合同|现场/u)).toEqual([]);
  });

  it("keeps every text within its bounds", async () => {
    const remains = await site.remains();
    const texts = remains.rows("messages").map(({ text }) => String(text));
    for (const text of texts.filter((one) => one.length > 4_000)) expect([...text]).toHaveLength(4_000);
    expect(texts.filter((text) => /第\d+句/u.test(text))).toHaveLength(60);
    expect(texts.join()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
    expect(remains.rows("attachments").filter(({ name }) => String(name).length > 300)).toEqual([]);
    expect(remains.files.length).toBe(1);
  });
});
