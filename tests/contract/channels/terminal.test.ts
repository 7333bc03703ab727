import { describeChannel } from "./describe-channel.ts";
import { openTerminalDriver } from "./terminal-driver.ts";

describeChannel({
  name: "terminal",
  can: {
    longestText: 20_000,
    sources: "footnotes",
    quickReplies: "numbers",
    receives: [],
    edits: false,
    deletions: false,
    groups: false,
    typing: false,
    previews: false,
    confirms: true,
  },
  redelivers: false,
  showsNotice: true,
  open: openTerminalDriver,
});
