import { describeChannel } from "./describe-channel.ts";
import { openTelegramDriver } from "./telegram-driver.ts";

describeChannel({
  name: "telegram",
  can: {
    longestText: 4_096,
    sources: "footnotes",
    quickReplies: "buttons",
    receives: ["photo", "voice", "video", "file", "location", "sticker"],
    edits: true,
    deletions: false,
    groups: true,
    typing: true,
    previews: true,
    confirms: false,
  },
  redelivers: true,
  showsNotice: true,
  open: openTelegramDriver,
});
