import { createTelegramChannel } from "../../../src/channels/telegram/channel.ts";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import type { ChannelDriver, FileToSend, Seen, Written } from "./driver.ts";

const fileKinds = {
  photo: "photo",
  voice: "voice",
  video: "video",
  file: "document",
  sticker: "sticker",
} as const;

/** Somebody in a private chat with the bot, over the Bot API by HTTP, and a group in which they are a member. */
export async function openTelegramDriver(): Promise<ChannelDriver> {
  const api: BotApi = await startBotApi();
  const person = api.newPerson();
  const group = api.newGroup();
  const messageId = ({ handle }: Written) => Number(handle);
  return {
    connect: async ({ road, logger }) =>
      createTelegramChannel({
        settings: {
          token: api.token,
          apiRoot: api.url,
          messagesPerSecond: 1_000,
          messagesPerChatPerSecond: 1_000,
        },
        inbox: road.inbox,
        logger,
        now: () => new Date(),
        random: () => 0,
        pollSeconds: 1,
      }),
    write: async (text) => ({ handle: person.sends(text).message_id }),
    redeliver: async (written) => {
      const message = person.state.messages.get(messageId(written));
      const update = { update_id: nextUpdateId(), message };
      api.inject(update);
    },
    sendFile: async ({ kind, bytes, name, mimeType, caption, announcedSize }: FileToSend) => {
      person.sendsFile(fileKinds[kind], bytes, {
        name,
        mimeType,
        ...(caption === undefined ? {} : { caption }),
        ...(announcedSize === undefined ? {} : { size: announcedSize }),
      });
      return {};
    },
    sendLocation: async ({ latitude, longitude }) => {
      person.sendsLocation(latitude, longitude);
      return {};
    },
    edit: async (written, text) => void person.edits(messageId(written), text),
    block: async () => person.blocks(),
    unblock: async () => person.unblocks(),
    groupWrite: async (text, addressed) =>
      void group.says(person.user, addressed ? `@${api.bot.username} ${text}` : text),
    groupSeen: async () => group.texts,
    press: async (label) => {
      const last = person.sent.at(-1);
      person.presses(last?.messageId ?? 0, label);
    },
    seen: async () =>
      person.sent.map(
        ({ text, keyboard }): Seen => ({
          text,
          buttons: (keyboard?.inline_keyboard ?? []).flat().map((button) => button.text),
          sources: [],
        }),
      ),
    typingSeen: async () => person.state.actions.length,
    previewsSeen: async () => person.state.drafts.map(({ text }) => text),
    close: () => api.close(),
  };

  function nextUpdateId(): number {
    return 1 + Math.max(5_000, ...api.pending.map(({ update_id }) => update_id));
  }
}
