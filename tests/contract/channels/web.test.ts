import { describeChannel } from "./describe-channel.ts";
import { openWebDriver } from "./web-driver.ts";

describeChannel({
  name: "web",
  can: {
    longestText: 100_000,
    sources: "page",
    quickReplies: "buttons",
    receives: ["photo", "voice", "file", "video"],
    edits: false,
    deletions: false,
    groups: false,
    typing: true,
    previews: true,
    confirms: true,
  },
  redelivers: true,
  showsNotice: false,
  open: openWebDriver,
});
