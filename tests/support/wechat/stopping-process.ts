/** Starts the channel, waits until it is there or away, stops it, and ends as soon as nothing is left to do. */
import { openChannel } from "./open-channel.ts";
import { MemoryFiles, RecordingInbox, recordingLogger, until } from "./recording-ports.ts";

const channel = await openChannel({
  gateway: { endpoint: process.env.GATEWAY_ENDPOINT ?? "", token: process.env.GATEWAY_TOKEN ?? "" },
  inbox: new RecordingInbox(),
  files: new MemoryFiles(),
  logger: recordingLogger(),
  // Longer than the test would wait: what is not cleared would be seen.
  waits: { stopMs: 6_000, settledMs: 600_000, silenceMs: 600_000, longestRestMs: 600_000, restMs: 600_000 },
});
await channel.start();
await until("an end", () => channel.health().state === "ready" || channel.health().state === "down");
process.send?.(channel.health().state);
await channel.stop();
process.send?.(channel.health().reason);
process.disconnect();
