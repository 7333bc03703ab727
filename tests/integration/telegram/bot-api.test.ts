import { describe, expect, it, onTestFinished } from "vitest";
import { type BotApi, type BotApiOptions, startBotApi } from "../../support/bot-api/start-bot-api.ts";

async function started(options?: BotApiOptions): Promise<BotApi> {
  const api = await startBotApi(options);
  onTestFinished(() => api.close());
  return api;
}

async function call(api: BotApi, method: string, args: object = {}) {
  const response = await fetch(`${api.url}/bot${api.token}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(args),
  });
  return (await response.json()) as {
    ok: boolean;
    result: never;
    error_code?: number;
    description?: string;
    parameters?: object;
  };
}

describe("the Bot API of the tests", () => {
  it("knows its token only", async () => {
    const api = await started();
    const response = await fetch(`${api.url}/bot1:x/getMe`);
    expect([response.status, await response.json()]).toEqual([
      401,
      { ok: false, error_code: 401, description: "Unauthorized" },
    ]);
    expect(await call(api, "noSuchMethod")).toMatchObject({ ok: false, error_code: 404 });
    expect(await call(api, "GETME")).toMatchObject({ ok: true, result: { username: "niangjia_bot" } });
  });

  it("keeps updates until a higher offset confirms them", async () => {
    const api = await started();
    const person = api.newPerson();
    person.sends("一");
    person.sends("二");
    const ids = async (args: object) => {
      const { result } = await call(api, "getUpdates", args);
      return (result as { update_id: number }[]).map(({ update_id }) => update_id);
    };
    expect(await ids({})).toEqual([1_000, 1_001]);
    expect(await ids({ offset: 1_000, limit: 1 })).toEqual([1_000]);
    expect(await ids({ offset: 1_001 })).toEqual([1_001]);
    expect(await ids({})).toEqual([1_001]);
    expect(await ids({ offset: 1_002 })).toEqual([]);
  });

  it("holds a poll open until something comes, and ends the older of two with 409", async () => {
    const api = await started();
    const person = api.newPerson();
    const first = call(api, "getUpdates", { timeout: 30 });
    await expect.poll(() => call(api, "getUpdates", { timeout: 0 })).toMatchObject({ ok: true });
    expect(await first).toMatchObject({ ok: false, error_code: 409 });
    const waiting = call(api, "getUpdates", { timeout: 30 });
    setTimeout(() => person.sends("来了"), 20);
    expect((await waiting).result).toMatchObject([{ message: { text: "来了" } }]);
  });

  it.each([
    ["<b>粗<i>斜</b></i>", "Unmatched end tag"],
    ["<b>粗", "Can't find end tag"],
    ["<div>x</div>", 'Unsupported start tag "div"'],
    ["1 < 2", "Unsupported start tag"],
    ["x</b>", "Unexpected end tag"],
  ])("refuses the HTML %s", async (text, problem) => {
    const api = await started();
    const { chatId } = api.newGroup();
    const answer = await call(api, "sendMessage", { chat_id: chatId, text, parse_mode: "HTML" });
    expect(answer).toMatchObject({ ok: false, error_code: 400 });
    expect(answer.description).toContain(problem);
  });

  it("counts a text after its entities were read, up to 4096", async () => {
    const api = await started();
    const { chatId } = api.newGroup();
    const send = (text: string) => call(api, "sendMessage", { chat_id: chatId, text, parse_mode: "HTML" });
    expect(await send(`<b>${"&lt;".repeat(4_096)}</b>`)).toMatchObject({ ok: true });
    expect(await send("x".repeat(4_097))).toMatchObject({ description: "Bad Request: message is too long" });
    expect(await send("  \n")).toMatchObject({ description: "Bad Request: message text is empty" });
  });

  it("shows, edits and deletes messages, and takes files in forms", async () => {
    const api = await started();
    const group = api.newGroup({ forum: true });
    const chat_id = group.chatId;
    const { result: topic } = await call(api, "createForumTopic", { chat_id, name: "案件 17" });
    const { message_thread_id } = topic as { message_thread_id: number };
    const sent = await call(api, "sendMessage", { chat_id, message_thread_id, text: "一" });
    const { message_id } = sent.result as { message_id: number };
    expect(await call(api, "editMessageText", { chat_id, message_id, text: "二" })).toMatchObject({
      ok: true,
    });
    expect(await call(api, "editMessageText", { chat_id, message_id, text: "二" })).toMatchObject({
      ok: false,
      description: expect.stringContaining("message is not modified"),
    });
    expect(group.sent).toMatchObject([{ text: "二", edits: ["一"], threadId: message_thread_id }]);
    expect(await call(api, "deleteMessage", { chat_id, message_id })).toMatchObject({ ok: true });
    const form = new FormData();
    form.set("chat_id", String(chat_id));
    form.set("caption", "合同");
    form.set("document", new Blob(["%PDF"]), "合同.pdf");
    const response = await fetch(`${api.url}/bot${api.token}/sendDocument`, { method: "POST", body: form });
    const { result } = (await response.json()) as { result: { document: { file_id: string } } };
    const file = await call(api, "getFile", { file_id: result.document.file_id });
    const { file_path } = file.result as { file_path: string };
    const bytes = await fetch(`${api.url}/file/bot${api.token}/${file_path}`);
    expect(await bytes.text()).toBe("%PDF");
    expect(group.sent.at(-1)).toMatchObject({ method: "sendDocument", text: "合同" });
  });

  it("injects the same faults with the same seed, and counts them", async () => {
    const run = async () => {
      const api = await started({
        faults: { seed: 7, tooManyRequests: 0.1, serverError: 0.1, timeout: 0.1 },
        holdMs: 1,
      });
      const { chatId } = api.newGroup();
      for (let count = 0; count < 100; count++) {
        await call(api, "sendMessage", { chat_id: chatId, text: `${count}` }).catch(() => undefined);
      }
      return api.faults.counts;
    };
    const counts = await run();
    expect(counts).toEqual(await run());
    const { tooManyRequests, serverError, timeoutDelivered, timeoutLost } = counts;
    for (const count of [tooManyRequests, serverError, timeoutDelivered, timeoutLost])
      expect(count).toBeGreaterThan(0);
  });

  it("keeps from a bot with privacy mode what members say to each other", async () => {
    const api = await started();
    const group = api.newGroup({ privacy: true });
    const member = api.newPerson().user;
    for (const text of ["随便聊聊", "@niangjia_bot 在吗", "/help"]) group.says(member, text);
    expect(api.pending.map(({ message }) => message?.text)).toEqual(["@niangjia_bot 在吗", "/help"]);
  });
});
