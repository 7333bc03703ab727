import { expect, test } from "vitest";
import { createWechatChannel } from "../../../../src/channels/wechat/channel.ts";
import { verifyPuppet } from "../../../../src/channels/wechat/verify.ts";
import { MemoryFiles, RecordingInbox, recordingLogger } from "../../../support/wechat/recording-ports.ts";

const gateway = { puppet: "wechaty-puppet-service", puppetToken: "insecure_abc", acceptUnofficial: true };
const logger = recordingLogger();
const create = (settings: object) =>
  createWechatChannel({
    settings: { ...gateway, acceptFriends: true, ...settings },
    inbox: new RecordingInbox(),
    files: new MemoryFiles(),
    longestFile: 1,
    newId: () => "id",
    logger,
    now: () => new Date(),
  });

test.each(["wechaty-puppet-service", "wechaty-puppet-wechat4u", "wechaty-puppet-padlocal"])(
  "%s is refused unless it was accepted",
  (puppet) => {
    const refusal = {
      code: "config.invalid",
      message: expect.stringContaining("WECHAT_ACCEPT_UNOFFICIAL=yes"),
    };
    expect(() => verifyPuppet({ ...gateway, puppet, acceptUnofficial: false })).toThrow(
      expect.objectContaining(refusal),
    );
    expect(() => verifyPuppet({ ...gateway, puppet })).not.toThrow();
  },
);

test.each([undefined, "abc", "_abc"])("a gateway's token that cannot work is refused: %s", (puppetToken) => {
  const choice = {
    puppet: gateway.puppet,
    acceptUnofficial: true,
    ...(puppetToken === undefined ? {} : { puppetToken }),
  };
  expect(() => verifyPuppet(choice)).toThrow(/WECHAT_PUPPET_TOKEN/);
});

test("a puppet that is not installed names the line that installs it", async () => {
  await expect(create({ puppet: "wechaty-puppet-nowhere" })).rejects.toMatchObject({
    code: "channel.unavailable",
    message: expect.stringContaining("npm install wechaty-puppet-nowhere"),
  });
});

test("an accepted puppet is warned of", async () => {
  await create({});
  expect(logger.lines).toContainEqual(
    expect.objectContaining({ level: "warn", message: expect.stringContaining("terms of use") }),
  );
});

test("an official account without its settings names them", async () => {
  const settings = { puppet: "wechaty-puppet-official-account", acceptUnofficial: false };
  await expect(create(settings)).rejects.toMatchObject({
    message: expect.stringContaining("WECHAT_OA_APP_ID"),
  });
});
