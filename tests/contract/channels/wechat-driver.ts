import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepFile } from "../../../src/attachments/keep-file.ts";
import { createWechatChannel } from "../../../src/channels/wechat/channel.ts";
import { WechatGateway } from "../../support/wechat/gateway.ts";
import type { ChannelDriver, Seen } from "./driver.ts";
import { longestFile } from "./site.ts";

/** The numbers of wechaty's kinds of messages. */
const types = {
  file: 1,
  voice: 2,
  sticker: 5,
  photo: 6,
  recalled: 13,
  location: 8,
  video: 15,
  unknown: 0,
} as const;
const room = "site@chatroom";

/** A gateway for the whole file: a process that speaks gRPC. Every driver is another contact on it. */
export async function startWechat(): Promise<{
  open: () => Promise<ChannelDriver>;
  stop: () => Promise<void>;
}> {
  // wechaty writes what it remembers into the home folder.
  const home = await mkdtemp(join(tmpdir(), "niangjia-wechat-"));
  const realHome = process.env.HOME;
  process.env.HOME = home;
  const gateway = await WechatGateway.start();
  let people = 0;
  return {
    open: async () => {
      people += 1;
      return openDriver(gateway, `worker-${people}`);
    },
    stop: async () => {
      await gateway.kill();
      if (realHome === undefined) delete process.env.HOME;
      else process.env.HOME = realHome;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function openDriver(gateway: WechatGateway, worker: string): Promise<ChannelDriver> {
  await gateway.do("contact", { id: worker, name: "老王" });
  await gateway.do("room", { id: room, memberIds: ["self", worker], aliases: { self: "工会小助手" } });
  const sentTo = async (to: string) => (await gateway.do("report")).sent.filter((one) => one.to === to);
  const before = { alone: (await sentTo(worker)).length, group: (await sentTo(room)).length };
  const message = (more: object) => gateway.do("message", { id: randomUUID(), talkerId: worker, ...more });
  return {
    connect: ({ road, files, logger }) =>
      createWechatChannel({
        settings: {
          puppet: "wechaty-puppet-service",
          puppetToken: gateway.token,
          puppetEndpoint: gateway.endpoint,
          acceptUnofficial: true,
          acceptFriends: true,
        },
        inbox: road.inbox,
        files,
        keepContent: (file, content, most) => keepFile(files, file, content, most),
        logger,
        longestFile,
        newId: randomUUID,
        now: () => new Date(),
        waits: {
          fileMs: 3_000,
          restMs: 50,
          longestRestMs: 200,
          settledMs: 500,
          readAgainMs: 50,
          storeRestMs: 20,
          drainMs: 2_000,
        },
      }),
    write: async (text) => {
      const id = randomUUID();
      await message({ id, text });
      return { handle: id };
    },
    redeliver: async ({ handle }) => void (await gateway.do("replay", String(handle))),
    sendFile: async ({ kind, bytes, name, announcedSize }) => {
      const content = announcedSize === undefined ? bytes : new Uint8Array(announcedSize);
      const base64 = Buffer.from(content).toString("base64");
      await message({ type: types[kind], file: { name, base64 } });
      return {};
    },
    sendLocation: async ({ latitude, longitude }) => {
      const id = randomUUID();
      await gateway.do("place", { id, latitude, longitude, name: "工地" });
      await message({ id, type: types.location });
      return {};
    },
    delete: async ({ handle }) => void (await message({ type: types.recalled, text: String(handle) })),
    block: async () =>
      void (await message({ type: types.unknown, text: "老王开启了朋友验证，你还不是他（她）朋友。" })),
    groupWrite: async (text, addressed) => {
      const called = addressed ? { text: `@工会小助手\u2005${text}`, mentionIdList: ["self"] } : { text };
      await message({ roomId: room, listenerId: "", ...called });
    },
    groupSeen: async () => (await sentTo(room)).slice(before.group).map(({ text }) => text),
    seen: async () =>
      (await sentTo(worker))
        .slice(before.alone)
        .map(({ text }): Seen => ({ text, buttons: [], sources: [] })),
    measure: (text) => Buffer.byteLength(text),
    close: async () => {},
  };
}
