import { expect, test } from "vitest";
import { HandIn } from "../../../../src/channels/wechat/hand-in.ts";
import type { PlatformEvent } from "../../../../src/messaging/platform-event.ts";
import {
  MemoryFiles,
  RecordingInbox,
  recordingLogger,
  storeAway,
  until,
} from "../../../support/wechat/recording-ports.ts";

function setUp(mostWaiting = 100) {
  const inbox = new RecordingInbox();
  const files = new MemoryFiles();
  const logger = recordingLogger();
  const handIn = new HandIn({
    channel: "wechat",
    inbox,
    files,
    logger,
    now: () => new Date("2026-11-21T12:00:00Z"),
    random: () => 0,
    restMs: 1,
    mostWaiting,
  });
  return { inbox, files, logger, handIn };
}

function message(id: string, fileId?: string): PlatformEvent {
  const stored =
    fileId === undefined ? [] : [{ kind: "photo" as const, stored: { id: fileId, hash: "h", size: 1 } }];
  return {
    type: "message",
    address: { key: "worker", surface: "private", data: {} },
    externalId: id,
    text: id,
    ...(stored.length === 0 ? {} : { attachments: stored }),
  };
}

test("what the store refuses while it is away is stored in order when it is back", async () => {
  const { inbox, handIn } = setUp();
  inbox.failure = storeAway();
  for (const id of ["a", "b", "c"]) handIn.add(message(id));
  await until("many attempts", () => inbox.attempts > 20);
  expect(handIn.failingSince).toEqual(new Date("2026-11-21T12:00:00Z"));
  inbox.failure = undefined;
  await handIn.close(5_000);
  expect(inbox.texts).toEqual(["a", "b", "c"]);
  expect(handIn.failingSince).toBeUndefined();
});

test("an event that the store will never take does not hold up the others", async () => {
  const { inbox, handIn, logger } = setUp();
  const receive = inbox.receiveEvents.bind(inbox);
  inbox.receiveEvents = async (channel, events) => {
    if (events.some((event) => event.type === "message" && event.externalId === "poison"))
      throw new Error("no");
    return receive(channel, events);
  };
  for (const id of ["a", "poison", "b"]) handIn.add(message(id));
  await handIn.close(5_000);
  expect(inbox.texts).toEqual(["a", "b"]);
  expect(logger.lines.filter(({ level }) => level === "error")).toHaveLength(1);
});

test("what waits is bounded, and what is lost is said, with its files removed", async () => {
  const { inbox, handIn, files, logger } = setUp(2);
  inbox.failure = storeAway();
  files.kept.set("f3", Buffer.from("3"));
  for (const id of ["1", "2"]) handIn.add(message(id));
  handIn.add(message("3", "f3"));
  expect(handIn.waiting).toBe(2);
  expect(logger.lines).toContainEqual(
    expect.objectContaining({ level: "error", details: expect.objectContaining({ lost: 1 }) }),
  );
  await until("the file's end", () => files.kept.size === 0);
  await handIn.close(10);
  expect(logger.lines).toContainEqual(
    expect.objectContaining({ details: expect.objectContaining({ lost: 3 }) }),
  );
});

test("the files of a message that was known already do not stay", async () => {
  const { handIn, files } = setUp();
  files.kept.set("f1", Buffer.from("1")).set("f2", Buffer.from("1"));
  handIn.add(message("same", "f1"));
  handIn.add(message("same", "f2"));
  await handIn.close(5_000);
  expect([...files.kept.keys()]).toEqual(["f1"]);
});
