import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PersonDriver } from "../../support/bot-api/people.ts";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { makeJpeg, makeOpus } from "../../support/sample-media.ts";
import { type Remains, ServiceSite } from "./service-site.ts";
import { replyAfter, shownAfter, telegramSettings } from "./telegram-service.ts";

const photo = makeJpeg(40, 32);
const voice = makeOpus();
/** What only this person has: words, a file's name, a door, numbers. */
const words = "我在九龙坡那个厂子干活，公司一直不签合同，我能要什么赔偿";
const caption = "这是我的工牌零零七";
const door = "jiulongpo_gate-7";
const ids = { id: 730_551_902_846, first_name: "王小明独一个", username: "only_this_worker" };

/** A service that nobody has written to yet. */
let fresh: ServiceSite;
beforeAll(async () => {
  fresh = await ServiceSite.open({});
  await fresh.kill("SIGTERM");
});
afterAll(() => fresh?.close());

describe.each([
  ["without a key", {}],
  ["with a key", { ENCRYPTION_KEY: randomBytes(32).toString("base64") }],
])("a worker who wants to be forgotten, %s", (_name, settings) => {
  let api: BotApi;
  let site: ServiceSite;
  let worker: PersonDriver;
  let other: PersonDriver;
  const isSealed = "ENCRYPTION_KEY" in settings;

  beforeAll(async () => {
    api = await startBotApi();
    site = await ServiceSite.open({ ...telegramSettings(api), ...settings }, fresh);
    worker = api.newPerson(ids);
    other = api.newPerson();
    await shownAfter(worker, 2, () => worker.opensLink(door));
    await replyAfter(worker, () => worker.sends(words));
    await replyAfter(worker, () => worker.sendsFile("photo", photo, { caption, name: "only-mine.jpg" }));
    await replyAfter(worker, () => worker.sendsFile("voice", voice, { mimeType: "audio/ogg" }));
    await replyAfter(worker, () => worker.sendsLocation(29.502, 106.511));
    await replyAfter(worker, () => worker.sends("人工"));
    await shownAfter(other, 2, () => other.sends("婚假有几天"));
  });
  afterAll(async () => {
    await site?.close();
    await api?.close();
  });

  it("has left words, files and an address before", async () => {
    const remains = await site.remains();
    for (const trace of [words, caption, door, "106.511"]) expect(remains.everything).toContain(trace);
    expect(remains.everything.includes(String(ids.id))).toBe(!isSealed);
    expect(remains.files).toHaveLength(2);
    await site.start();
  });

  it("is asked first, as a request is open, and may keep it all", async () => {
    const question = await replyAfter(worker, () => worker.sends("/forget"));
    expect(question).toMatch(/求助请求还没办完.*确认删除/su);
    const buttons = worker.sent
      .at(-1)
      ?.keyboard?.inline_keyboard.flat()
      .map(({ text }) => text);
    expect(buttons).toEqual(["确认删除", "先不删"]);
    const kept = await replyAfter(worker, () => worker.presses(worker.sent.at(-1)?.messageId ?? 0, "先不删"));
    expect(kept).toMatch(/什么都没有删/u);
  });

  it("confirms, and gets one receipt that says what is gone", async () => {
    await replyAfter(worker, () => worker.sends("删除我的信息"));
    const before = worker.sent.length;
    const receipt = await replyAfter(worker, () =>
      worker.presses(worker.sent.at(-1)?.messageId ?? 0, "确认删除"),
    );
    expect(receipt).toMatch(/已经删掉了，时间是\d{4}年/u);
    expect(receipt).toMatch(/30天内/u);
    // Later than everything of the first: nothing more comes.
    await replyAfter(other, () => other.sends("谢谢"));
    expect(worker.sent).toHaveLength(before + 1);
  });

  describe("afterwards", () => {
    let remains: Remains;
    beforeAll(async () => {
      remains = await site.remains();
    });

    it("stands nowhere in the database, by no number, word or file name", () => {
      for (const trace of [
        String(ids.id),
        ids.first_name,
        ids.username,
        door,
        caption,
        "only-mine",
        "106.511",
        "九龙坡那个厂子",
        "确认删除",
        "已经删掉了",
      ]) {
        expect(remains.everything).not.toContain(trace);
      }
      expect(remains.rows("hand_over_requests")).toEqual([]);
      expect(remains.rows("attachments")).toEqual([]);
    });

    it("has no file there any more, and what is counted names nobody", () => {
      expect(remains.files).toEqual([]);
      const forgotten = remains.rows("event_log").filter(({ type }) => type === "forgotten");
      expect(forgotten).toEqual([expect.objectContaining({ channel: "telegram", details: {} })]);
    });

    it("takes nothing of the others away", () => {
      expect(remains.rows("conversations")).toHaveLength(1);
      expect(remains.rows("addresses")).toHaveLength(1);
      expect(remains.everything).toContain("婚假有几天");
    });

    it("is a stranger when they write again", async () => {
      await site.start();
      const [first, second] = await shownAfter(worker, 2, () => worker.sends("年休假一年有几天"));
      expect(first?.text).toMatch(/我是机器助手/u);
      expect(second?.text).toContain("《职工带薪年休假条例》");
    });

    it("was never named in the log", () => {
      expect(site.linesWith(new RegExp([ids.id, ids.first_name, ids.username, door].join("|"), "u"))).toEqual(
        [],
      );
      expect(site.linesWith(/九龙坡|工牌/u)).toEqual([]);
    });
  });
});
