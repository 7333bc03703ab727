import { afterAll } from "vitest";
import { describeChannel } from "./describe-channel.ts";
import { startWechat } from "./wechat-driver.ts";

let wechat: ReturnType<typeof startWechat> | undefined;

afterAll(async () => {
  await (await wechat)?.stop();
});

describeChannel({
  name: "wechat",
  can: {
    longestText: 3_600,
    sources: "footnotes",
    quickReplies: "numbers",
    receives: ["photo", "voice", "video", "file", "location", "sticker"],
    edits: false,
    deletions: true,
    groups: true,
    typing: false,
    previews: false,
    confirms: false,
  },
  redelivers: true,
  showsNotice: true,
  open: async () => {
    wechat ??= startWechat();
    return (await wechat).open();
  },
});
