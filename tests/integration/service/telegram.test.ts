import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { GroupDriver, PersonDriver } from "../../support/bot-api/people.ts";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { makeJpeg, makeOpus } from "../../support/sample-media.ts";
import { type Remains, ServiceSite } from "./service-site.ts";
import { expectShownOnce, patience, replyAfter, shownAfter, telegramSettings } from "./telegram-service.ts";

const notice = /我是机器助手，不是真人/u;

let api: BotApi;
let site: ServiceSite;
let worker: PersonDriver;
const chats: (PersonDriver | GroupDriver)[] = [];

function newPerson(): PersonDriver {
  const person = api.newPerson();
  chats.push(person);
  return person;
}

beforeAll(async () => {
  api = await startBotApi();
  site = await ServiceSite.open(telegramSettings(api));
  worker = newPerson();
});
afterAll(async () => {
  await site?.close();
  await api?.close();
});

describe("a worker who writes alone on Telegram", () => {
  it("comes through a door and is told once whom they talk to", async () => {
    const [first, second] = await shownAfter(worker, 2, () => worker.opensLink("beibei_site-3"));
    expect(first?.text).toMatch(notice);
    expect(second?.text).toContain("娘家人");
    expect(second?.keyboard?.inline_keyboard.flat().length).toBeGreaterThan(0);
  });

  it("gets an answer with law and article, its sources, in Telegram's HTML", async () => {
    const shown = await shownAfter(worker, 1, () => worker.sends("公司一直不签合同我能要什么赔偿"));
    const text = shown.map((part) => part.text).join("\n");
    expect(text).not.toMatch(notice);
    expect(text).toMatch(/(?:二|双)倍/u);
    expect(text).toMatch(/《劳动合同法》第八十二条/u);
    expect(text).toMatch(/来源：.*《劳动合同法》.*第八十二条/su);
    const calls = api.calls.filter(({ method }) => method === "sendMessage").slice(-shown.length);
    for (const { args, status } of calls) {
      expect(status).toBe(200);
      expect(args.parse_mode).toBe("HTML");
      expect(String(args.text).replace(/<\/?a(?: href="[^"<>]*")?>/gu, "")).not.toMatch(/[<>]/u);
    }
    expect(shown.every((part) => part.text.length <= 4_096)).toBe(true);
  });

  it("presses a button and gets an answer to what it says", async () => {
    const start = worker.sent.find(({ keyboard }) => keyboard !== undefined);
    let query = "";
    const reply = await replyAfter(worker, () => {
      query = worker.presses(start?.messageId ?? 0, "工资拖着不发怎么办");
    });
    expect(reply).toMatch(/12333|劳动监察/u);
    await expect.poll(() => worker.answerTo(query), patience).toEqual({});
  });

  it("writes three lines in a row and gets one answer to all of them", async () => {
    const shown = await shownAfter(worker, 1, () => {
      worker.sends("老板");
      worker.sends("三个月没发工资了");
      worker.sends("我该找谁");
    });
    expect(shown[0]?.text).toMatch(/工资|欠薪/u);
    // What follows comes after everything that belonged to the burst.
    const [next] = await shownAfter(worker, 1, () => worker.sends("谢谢"));
    expect(worker.sent.at(-1)).toBe(next);
    expect(worker.sent.indexOf(next as (typeof shown)[number])).toBe(
      worker.sent.indexOf(shown[0] as never) + 1,
    );
  });

  it("edits a question that was answered, and the new one is answered too", async () => {
    let sent = 0;
    await replyAfter(worker, () => {
      sent = worker.sends("上班路上被车撞了算不算工伤").message_id;
    });
    const reply = await replyAfter(worker, () => worker.edits(sent, "年休假一年有几天"));
    expect(reply).toContain("《职工带薪年休假条例》");
  });

  it("sends a photo, and is told that it is kept", async () => {
    const reply = await replyAfter(worker, () => worker.sendsFile("photo", photo));
    expect(reply).toMatch(/照片收到了，已经替您存好/u);
  });

  it("sends a photo with words, and both are seen", async () => {
    const reply = await replyAfter(worker, () =>
      worker.sendsFile("photo", makeJpeg(16, 8), { caption: "婚假有几天" }),
    );
    expect(reply).toMatch(/婚假/u);
    expect(reply).toMatch(/照片收到了/u);
  });

  it.each([
    ["a voice", () => worker.sendsFile("voice", voice, { mimeType: "audio/ogg" }), /语音收到了.*打字/u],
    ["a sticker", () => worker.sendsFile("sticker"), /表情/u],
    ["a place", () => worker.sendsLocation(29.8, 106.4), /位置收到了/u],
  ])("sends %s, and gets a polite line", async (_name, act, line) => {
    expect(await replyAfter(worker, act)).toMatch(line);
  });

  it("asks for a person, and the request is recorded", async () => {
    expect(await replyAfter(worker, () => worker.sends("人工"))).toMatch(/请求我已经记下了.*12351/su);
  });

  it("is greeted in English when they write English", async () => {
    const other = newPerson();
    const shown = await shownAfter(other, 2, () => other.sends("hello"));
    for (const { text } of shown) expect(text).toMatch(/machine|assistant/iu);
  });
});

describe("a member of a group", () => {
  it("is answered only when the assistant is spoken to, and told of rules only", async () => {
    const group = api.newGroup();
    chats.push(group);
    const member = api.newPerson().user;
    group.says(member, "年休假一年有几天");
    group.sendsFile(member, "photo", photo);
    const asked = { id: 0 };
    const [answer] = await shownAfter(group, 1, () => {
      asked.id = group.says(member, "@niangjia_bot 产假有多少天").message_id;
    });
    expect(answer?.text).toMatch(/98天/u);
    expect(answer?.replyTo).toBe(asked.id);
    const [invitation] = await shownAfter(group, 1, () =>
      group.says(member, "@niangjia_bot 老板欠我三个月工资怎么办"),
    );
    expect(invitation?.text).toMatch(/群里大家都看得见.*单独给我发消息/su);
    expect(invitation?.text).not.toMatch(/工资|欠/u);
    expect(group.texts.join()).not.toMatch(notice);
    expect(group.sent).toHaveLength(2);
  });
});

describe("a worker who blocks the bot", () => {
  it("is left alone, and answered when they come back", async () => {
    const person = newPerson();
    await shownAfter(person, 2, () => person.sends("你好"));
    const before = person.sent.length;
    person.sends("加班费怎么算");
    person.blocks();
    // Later than everything of the other one: a batch is worked off in order.
    await replyAfter(worker, () => worker.sends("谢谢"));
    person.unblocks();
    const reply = await replyAfter(person, () => person.sends("婚假有几天"));
    expect(reply).toMatch(/婚假/u);
    expect(person.sent).toHaveLength(before + 1);
  });

  it("without that Telegram tells of it does not disturb the others", async () => {
    const person = newPerson();
    person.sends("你好");
    person.state.bot = "blocked";
    const refusals = () =>
      api.calls.filter(({ args, status }) => args.chat_id === person.chatId && status === 403).length;
    await expect.poll(refusals, patience).toBeGreaterThan(0);
    const about = await replyAfter(worker, () => worker.sends("谢谢"));
    expect(about).not.toBe("");
    const ready = (await (await fetch(`${site.url}/readyz`)).json()) as {
      channels?: Record<string, { state: string }>;
    };
    expect(JSON.stringify(ready)).toMatch(/"telegram":\{[^}]*"ready"/u);
  });
});

describe("what the service leaves in its database", () => {
  let remains: Remains;
  beforeAll(async () => {
    remains = await site.remains();
  });

  it("is the door, the photo with hash, size and type, and the request for a person", () => {
    const origins = remains.rows("conversations").map(({ origin }) => origin);
    expect(origins).toContain("beibei_site-3");
    const kept = remains.rows("attachments").find(({ kind }) => kind === "photo");
    expect(kept).toMatchObject({
      state: "stored",
      hash: createHash("sha256").update(photo).digest("hex"),
      mime_type: "image/jpeg",
    });
    expect(Number(kept?.size)).toBe(photo.byteLength);
    expect(remains.files.some((bytes) => bytes.equals(photo))).toBe(true);
    expect(remains.files.some((bytes) => bytes.equals(voice))).toBe(true);
    expect(remains.rows("hand_over_requests")).toHaveLength(1);
  });

  it("is every message once, each answered, and a ledger of what was shown", () => {
    const received = remains.rows("messages").filter(({ sender }) => sender === "contact");
    const ids = received.map(({ conversation_id, external_id }) => `${conversation_id} ${external_id}`);
    expect(ids).toHaveLength(new Set(ids).size);
    expect(received.filter(({ answered_at }) => answered_at === null)).toEqual([]);
    expectShownOnce(remains, chats);
  });

  it("has no reply that waits for somebody who blocked the bot", () => {
    const ended = remains.rows("deliveries").filter(({ state }) => state !== "sent");
    expect(ended.length).toBeGreaterThan(1);
    for (const { state, reason } of ended) {
      expect(state).toBe("dropped");
      expect(reason).toMatch(/blocked/u);
    }
  });

  it("and in its log no word, name or number of a person", () => {
    expect(site.linesWith(/赔偿|工资|年休假|AAtest/u)).toEqual([]);
    for (const { user } of chats.filter((chat) => "user" in chat)) {
      expect(site.linesWith(String(user.id))).toEqual([]);
      expect(site.linesWith(user.first_name)).toEqual([]);
    }
  });
});

const photo = makeJpeg(64, 48);
const voice = makeOpus();
