import type { Message, Update } from "grammy/types";
import { describe, expect, it } from "vitest";
import { readUpdate } from "../../../../src/channels/telegram/receive.ts";
import { bot, botUser, forum, group, inGroup, mate, messageUpdate, privateChat, worker } from "./updates.ts";

const eventOf = (update: Update) => readUpdate(update, bot).event;
const privateAddress = { key: String(worker.id), surface: "private", data: { chatId: worker.id } };

describe("a message in a private chat", () => {
  it("becomes a message of its contact, named by bot and number", () => {
    expect(eventOf(messageUpdate({ text: "老板拖欠工资三个月了，怎么办？" }))).toEqual({
      type: "message",
      address: privateAddress,
      externalId: "7000000001:31",
      text: "老板拖欠工资三个月了，怎么办？",
    });
  });

  it("keeps the topic of a bot with topics", () => {
    const update = messageUpdate({ text: "在吗", message_thread_id: 77, is_topic_message: true });
    expect(eventOf(update)?.address.data).toEqual({ chatId: worker.id, threadId: 77 });
  });

  it("is cleaned of control characters and of marks that turn the text around", () => {
    expect(eventOf(messageUpdate({ text: "工\u0000资\u202e\r\n三个月\u2066 " }))).toMatchObject({
      text: "工资\n三个月",
    });
  });

  it("that holds nothing readable is passed over", () => {
    expect(readUpdate(messageUpdate({ text: "\u200b\u2066\u00a0" }), bot)).toEqual({
      passedOver: "nothing readable",
    });
  });

  it("that was forwarded is the contact's message", () => {
    const forward_origin = { type: "hidden_user" as const, sender_user_name: "工头", date: 1_789_000_000 };
    expect(eventOf(messageUpdate({ text: "明天不用来了", forward_origin }))).toMatchObject({
      address: privateAddress,
      text: "明天不用来了",
    });
  });

  it("with words picked out of somebody else's message shows them as a quotation", () => {
    const quote = { text: "试用期六个月", position: 0, is_manual: true as const };
    expect(eventOf(messageUpdate({ text: "这样合法吗", quote }))).toMatchObject({
      text: "这样合法吗\n（引用：「试用期六个月」）",
    });
  });

  it("does not repeat what the bot itself said when that is quoted", () => {
    const quote = { text: "自杀干预热线", position: 4 };
    const reply_to_message = { message_id: 30, date: 1, chat: privateChat, from: botUser, text: "x" };
    const update = messageUpdate({ text: "这个是什么", quote, reply_to_message } as Partial<Message>);
    expect(eventOf(update)).toMatchObject({ text: "这个是什么" });
  });

  it.each([
    ["a bot", { from: { ...mate, is_bot: true } }],
    ["the bot itself", { from: botUser }],
  ])("by %s is passed over", (_who, fields) => {
    expect(readUpdate(messageUpdate({ text: "你好", ...fields }), bot)).toEqual({
      passedOver: "not from a person",
    });
  });
});

describe("a command", () => {
  it("/start with a code says through which door the contact came", () => {
    expect(eventOf(messageUpdate({ text: "/start yuzhong-station_3" }))).toMatchObject({
      text: "/start",
      origin: "yuzhong-station_3",
    });
  });

  it("/start without a code has no origin", () => {
    expect(eventOf(messageUpdate({ text: "/start" }))).not.toHaveProperty("origin");
  });

  it.each(["/start 你好", `/start ${"a".repeat(65)}`, "/start a b"])("%s carries no code", (text) => {
    const event = eventOf(messageUpdate({ text }));
    expect(event).toMatchObject({ text });
    expect(event).not.toHaveProperty("origin");
  });

  it.each([
    ["/help@niangjia_bot", "/help"],
    ["/HUMAN", "/human"],
    ["/start@Niangjia_Bot door7", "/start"],
    ["/forget 全部", "/forget 全部"],
  ])("%s is read as %s", (text, read) => {
    expect(eventOf(messageUpdate({ text }))).toMatchObject({ text: read });
  });

  it("in a text that only looks like one is left alone", () => {
    expect(eventOf(messageUpdate({ text: "/2024年的工资" }))).toMatchObject({ text: "/2024年的工资" });
  });
});

describe("what comes beside text", () => {
  const file = { file_id: "F1", file_unique_id: "u", file_size: 5_000 };
  const attachmentOf = (fields: Partial<Message>) => {
    const event = eventOf(messageUpdate(fields));
    return event?.type === "message" ? event.attachments : undefined;
  };

  it("is a photo in its largest size, with the caption as text", () => {
    const photo = [
      { ...file, file_id: "S", width: 90, height: 67, file_size: 900 },
      { ...file, file_id: "L", width: 1280, height: 960 },
      { ...file, file_id: "M", width: 320, height: 240 },
    ];
    expect(eventOf(messageUpdate({ photo, caption: "工资条" }))).toMatchObject({
      text: "工资条",
      attachments: [{ kind: "photo", reference: "L", size: 5_000, mimeType: "image/jpeg" }],
    });
  });

  const shapes: [string, Partial<Message>, object][] = [
    ["voice", { voice: { ...file, duration: 4 } }, { kind: "voice", mimeType: "audio/ogg", reference: "F1" }],
    [
      "audio",
      { audio: { ...file, duration: 4, file_name: "录音.m4a", mime_type: "audio/mp4" } },
      { kind: "voice", name: "录音.m4a", mimeType: "audio/mp4" },
    ],
    [
      "video",
      { video: { ...file, width: 1, height: 1, duration: 1 } },
      { kind: "video", mimeType: "video/mp4" },
    ],
    ["round video", { video_note: { ...file, length: 1, duration: 1 } }, { kind: "video" }],
    [
      "animation, which also looks like a document",
      { animation: { ...file, width: 1, height: 1, duration: 1 }, document: file },
      { kind: "video" },
    ],
    [
      "document of 2 GB, with the size that is announced",
      {
        document: { ...file, file_name: "合同.pdf", mime_type: "application/pdf", file_size: 2_147_483_648 },
      },
      { kind: "file", name: "合同.pdf", mimeType: "application/pdf", size: 2_147_483_648 },
    ],
    [
      "sticker with the sign that it stands for",
      {
        sticker: {
          ...file,
          type: "regular",
          width: 1,
          height: 1,
          is_animated: false,
          is_video: false,
          emoji: "😭",
        },
      },
      { kind: "sticker", name: "😭", mimeType: "image/webp" },
    ],
    [
      "location",
      { location: { latitude: 29.56, longitude: 106.55 } },
      { kind: "location", location: { latitude: 29.56, longitude: 106.55 } },
    ],
    [
      "venue, which also looks like a location",
      {
        location: { latitude: 29.56, longitude: 106.55 },
        venue: {
          location: { latitude: 29.56, longitude: 106.55 },
          title: "渝中区总工会",
          address: "中山三路",
        },
      },
      { kind: "location", location: { latitude: 29.56, longitude: 106.55, name: "渝中区总工会，中山三路" } },
    ],
    [
      "contact card as unreadable",
      { contact: { phone_number: "1", first_name: "王" } },
      { refused: "unsupported" },
    ],
    ["dice as unreadable", { dice: { emoji: "🎲", value: 3 } }, { kind: "file", refused: "unsupported" }],
    ["photo without any size as unreadable", { photo: [] }, { kind: "photo", refused: "unsupported" }],
  ];
  it.each(shapes)("is a %s", (_name, fields, expected) => {
    expect(attachmentOf(fields)).toEqual([expect.objectContaining(expected)]);
  });

  it("of an album is a message each", () => {
    const photo = [{ ...file, width: 9, height: 9 }];
    const first = eventOf(messageUpdate({ photo, media_group_id: "7", caption: "合同" }));
    const second = eventOf(messageUpdate({ photo, media_group_id: "7", message_id: 32 }));
    expect([first, second]).toMatchObject([
      { externalId: "7000000001:31", text: "合同" },
      { externalId: "7000000001:32", text: "" },
    ]);
  });

  it.each([
    ["a note that a member came", { new_chat_members: [mate] }],
    ["a pinned message", { pinned_message: { message_id: 1, date: 0, chat: privateChat } }],
    ["content that nobody here knows", { hologram: { file_id: "F" } }],
  ])("is %s: passed over", (_name, fields) => {
    expect(readUpdate(messageUpdate(fields as Partial<Message>), bot)).toEqual({
      passedOver: "unknown content",
    });
  });
});

describe("a message in a group", () => {
  const addressed = (text: string, fields?: Partial<Message>) => eventOf(inGroup(text, fields));

  it("is passed over when members talk to each other", () => {
    expect(readUpdate(inGroup("工资发了吗"), bot)).toEqual({ passedOver: "not addressed" });
  });

  it("with a mention is the member's, without the mention, and says what to reply to", () => {
    expect(addressed("@niangjia_bot 加班费怎么算？")).toEqual({
      type: "message",
      address: {
        key: `${group.id}:${worker.id}`,
        surface: "group",
        data: { chatId: group.id, replyTo: 31 },
      },
      externalId: "7000000001:31",
      text: "加班费怎么算？",
    });
  });

  it.each([
    ["加班费 @Niangjia_Bot 怎么算", "加班费 怎么算"],
    ["加班费怎么算 @niangjia_bot", "加班费怎么算"],
    ["@niangjia_bot", "/help"],
  ])("%s reads %s", (text, read) => {
    expect(addressed(text)).toMatchObject({ text: read });
  });

  it("with the mention of a name that only begins like the bot's is not addressed", () => {
    expect(addressed("@niangjia_bot2 你好")).toBeUndefined();
  });

  it("is addressed by a mention without a name", () => {
    const entities = [{ type: "text_mention" as const, offset: 0, length: 3, user: botUser }];
    expect(addressed("娘家人 年假几天", { entities })).toMatchObject({ text: "年假几天" });
  });

  it("is addressed where the server marks no mentions", () => {
    const { entities: _left, ...message } = inGroup("@niangjia_bot 年假几天").message as Message;
    expect(eventOf({ update_id: 1, message } as Update)).toMatchObject({ text: "年假几天" });
    expect(
      eventOf({ update_id: 1, message: { ...message, text: "写信到 a@niangjia_bot.cn" } } as Update),
    ).toBeUndefined();
  });

  it("is not addressed by a lone @ where the server does not tell the bot's name; commands are still read", () => {
    const nameless = { ...bot, username: "" };
    const { entities: _left, ...message } = inGroup("@ 你好").message as Message;
    expect(readUpdate({ update_id: 1, message } as Update, nameless).event).toBeUndefined();
    expect(readUpdate(messageUpdate({ text: "/start a-1" }), nameless).event).toMatchObject({
      origin: "a-1",
    });
  });

  it("is addressed in the caption of a photo", () => {
    const photo = [{ file_id: "P", file_unique_id: "p", width: 9, height: 9 }];
    const caption_entities = [{ type: "mention" as const, offset: 0, length: 13 }];
    const fields = { chat: group, photo, caption: "@niangjia_bot 看看", caption_entities };
    expect(eventOf(messageUpdate(fields))).toMatchObject({ text: "看看", attachments: [{ kind: "photo" }] });
  });

  it("that replies to the bot is addressed, to a mate is not", () => {
    const said = (from: typeof worker) => ({ message_id: 30, date: 1, chat: group, from, text: "x" });
    const reply = (from: typeof worker) => ({ reply_to_message: said(from) }) as Partial<Message>;
    expect(addressed("那要多久", reply(botUser))).toMatchObject({ text: "那要多久" });
    expect(addressed("那要多久", reply(mate))).toBeUndefined();
  });

  it("in a topic that the bot made is no reply to it", () => {
    const reply_to_message = {
      message_id: 5,
      date: 1,
      chat: forum,
      from: botUser,
      forum_topic_created: { name: "案件", icon_color: 0 },
    };
    const fields = { chat: forum, message_thread_id: 5, is_topic_message: true as const, reply_to_message };
    expect(addressed("大家好", fields as Partial<Message>)).toBeUndefined();
  });

  it("in a topic keeps the topic; the thread of an ordinary group is none", () => {
    const inForum = addressed("@niangjia_bot 在吗", {
      chat: forum,
      message_thread_id: 5,
      is_topic_message: true,
    });
    expect(inForum?.address.data).toEqual({ chatId: forum.id, threadId: 5, replyTo: 31 });
    const inThread = addressed("@niangjia_bot 在吗", { message_thread_id: 28 });
    expect(inThread?.address.data).toEqual({ chatId: group.id, replyTo: 31 });
  });

  it.each([
    ["/help@niangjia_bot", "/help"],
    ["/start@niangjia_bot stop-3", "/start"],
  ])("with the command %s is addressed", (text, read) => {
    expect(addressed(text)).toMatchObject({ text: read });
  });

  it.each(["/help", "/help@other_bot", "/help@other_bot @niangjia_bot"])(
    "with %s is not addressed",
    (text) => {
      expect(addressed(text)).toBeUndefined();
    },
  );

  it("never takes two members for one contact", () => {
    const keys = [worker, mate].map((from) => addressed("@niangjia_bot 在吗", { from })?.address.key);
    expect(new Set(keys).size).toBe(2);
  });

  it("of an anonymous admin and of a channel is each a contact of its own", () => {
    const anonymous = { id: 1_087_968_824, is_bot: true, first_name: "Group", username: "GroupAnonymousBot" };
    const asGroup = addressed("@niangjia_bot 通知", { from: anonymous, sender_chat: group });
    const channel = { id: -1_009, type: "channel" as const, title: "工会发布" };
    const asChannel = addressed("@niangjia_bot 通知", { from: anonymous, sender_chat: channel });
    expect([asGroup?.address.key, asChannel?.address.key]).toEqual([
      `${group.id}:anonymous`,
      `${group.id}:chat-1009`,
    ]);
  });

  it("by another bot, or forwarded by a linked channel, is passed over", () => {
    expect(addressed("@niangjia_bot hi", { from: { ...mate, is_bot: true } })).toBeUndefined();
    const channel = { id: -1_009, type: "channel" as const, title: "工会发布" };
    const fields = { sender_chat: channel, is_automatic_forward: true as const };
    expect(addressed("@niangjia_bot hi", fields)).toBeUndefined();
  });
});

describe("other updates", () => {
  const { message } = messageUpdate({ text: "改成四个月" });

  it("an edited message names the message and the change", () => {
    const edited_message = { ...message, edit_date: 1_790_000_100 } as NonNullable<Update["edited_message"]>;
    expect(eventOf({ update_id: 12, edited_message })).toEqual({
      type: "edited",
      address: privateAddress,
      externalId: "7000000001:31",
      editId: "7000000001:12",
      text: "改成四个月",
    });
  });

  it("two edits in one second are two changes", () => {
    const edited_message = { ...message, edit_date: 1_790_000_100 } as NonNullable<Update["edited_message"]>;
    const ids = [12, 13].map((update_id) => {
      const event = eventOf({ update_id, edited_message });
      return event?.type === "edited" && event.editId;
    });
    expect(new Set(ids).size).toBe(2);
  });

  it("a location that moves is not followed", () => {
    const moved = messageUpdate({ location: { latitude: 1, longitude: 2 } }).message;
    const edited_message = { ...moved, edit_date: 1 } as NonNullable<Update["edited_message"]>;
    expect(eventOf({ update_id: 12, edited_message })).toBeUndefined();
  });

  it("a pressed button says its text", () => {
    const shown = {
      message_id: 40,
      date: 1,
      chat: privateChat,
      from: botUser,
      text: "要找人吗？",
    } as Message;
    const callback_query = { id: "88", from: worker, chat_instance: "c", message: shown, data: "=转人工" };
    expect(readUpdate({ update_id: 14, callback_query }, bot)).toEqual({
      pressed: { queryId: "88", understood: true },
      event: { type: "message", address: privateAddress, externalId: "7000000001:press:88", text: "转人工" },
    });
  });

  it("a pressed button in a group is the word of who pressed it, in reply to the message with the button", () => {
    const shown = { message_id: 40, date: 1, chat: group, from: botUser, text: "要找人吗？" } as Message;
    const callback_query = { id: "88", from: mate, chat_instance: "c", message: shown, data: "=转人工" };
    expect(eventOf({ update_id: 14, callback_query })?.address).toEqual({
      key: `${group.id}:${mate.id}`,
      surface: "group",
      data: { chatId: group.id, replyTo: 40 },
    });
  });

  it("a button that no longer says what it stood for is answered, not taken for words", () => {
    const gone = { message_id: 40, date: 0 as const, chat: privateChat };
    const callback_query = { id: "88", from: worker, chat_instance: "c", message: gone, data: "#2" };
    expect(readUpdate({ update_id: 14, callback_query }, bot)).toMatchObject({
      pressed: { queryId: "88", understood: false },
    });
  });

  it.each([
    ["kicked", "blocked"],
    ["member", "unblocked"],
  ])("membership %s in a private chat means %s", (status, type) => {
    const my_chat_member = {
      chat: privateChat,
      from: worker,
      date: 1,
      old_chat_member: { user: botUser, status: "left" },
      new_chat_member: { user: botUser, status },
    } as NonNullable<Update["my_chat_member"]>;
    expect(eventOf({ update_id: 15, my_chat_member })).toEqual({ type, address: privateAddress });
  });

  it.each([
    ["a channel's post", { channel_post: { ...message, chat: { id: -1, type: "channel", title: "x" } } }],
    ["a kind of update that does not exist yet", { telepathy: { from: worker } }],
  ])("%s is passed over", (_name, fields) => {
    expect(readUpdate({ update_id: 16, ...fields } as unknown as Update, bot)).toEqual({
      passedOver: "unknown kind",
    });
  });
});
