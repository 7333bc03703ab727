import { describe, expect, it } from "vitest";
import type { TelegramChannel } from "../../../src/channels/telegram/channel.ts";
import { botApi, channelOn, eventually, pollingChannel } from "./started-channel.ts";

const never = new AbortController().signal;

async function bytesOf(channel: TelegramChannel, reference: string, signal = never): Promise<Buffer> {
  const content = await channel.fetchFile?.(reference, signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of content ?? []) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a file that a contact sent", () => {
  it.each(["photo", "voice", "audio", "video", "document"] as const)(
    "as %s is fetched with all its bytes",
    async (kind) => {
      const { api, channel, inbox } = await pollingChannel();
      const bytes = Buffer.alloc(300_000, kind);
      api.newPerson().sendsFile(kind, bytes, { caption: "证据", name: "工资 条.bin" });
      await eventually(() => expect(inbox.stored.length).toBe(1));
      const [event] = inbox.stored;
      if (event?.type !== "message") throw new Error("no message");
      expect(event.text).toBe("证据");
      const [attachment] = event.attachments ?? [];
      expect(attachment?.size).toBe(300_000);
      expect((await bytesOf(channel, attachment?.reference ?? "")).equals(bytes)).toBe(true);
    },
  );

  it("of 2 GB is announced with its size, and Telegram does not hand it over", async () => {
    const { api, channel, inbox } = await pollingChannel();
    api.newPerson().sendsFile("document", new Uint8Array(1), { size: 2_147_483_648, name: "监控.mp4" });
    await eventually(() => expect(inbox.stored.length).toBe(1));
    const [event] = inbox.stored;
    const [attachment] = (event?.type === "message" && event.attachments) || [];
    expect(attachment).toMatchObject({ kind: "file", name: "监控.mp4", size: 2_147_483_648 });
    await expect(bytesOf(channel, attachment?.reference ?? "")).rejects.toMatchObject({
      code: "files.too_large",
    });
  });

  it("that Telegram has no more is gone", async () => {
    const { channel } = channelOn(await botApi());
    await expect(bytesOf(channel, "no-such-file")).rejects.toMatchObject({ code: "files.gone" });
  });

  it.each([
    { kind: "serverError" as const },
    { kind: "tooManyRequests" as const, retryAfter: 1 },
    { kind: "timeout" as const, delivers: false },
  ])("cannot be fetched just now after %o: it is not gone", async (fault) => {
    const api = await botApi({ holdMs: 5 });
    const { channel } = channelOn(api);
    api.faults.failNext("getFile", fault);
    await expect(bytesOf(channel, "x")).rejects.toMatchObject({ code: "files.unavailable" });
  });

  it("says nothing of the token in any error", async () => {
    const api = await botApi();
    const { channel } = channelOn(api);
    const errors: unknown[] = [await bytesOf(channel, "x").catch((error: unknown) => error)];
    await api.close();
    errors.push(await bytesOf(channel, "x").catch((error: unknown) => error));
    for (const error of errors) {
      const { message, stack, cause } = error as Error;
      expect(`${message}${stack}${String(cause)}`).not.toContain("test-token");
    }
  });

  it("is given up when nobody wants it any more", async () => {
    const { channel } = channelOn(await botApi());
    await expect(bytesOf(channel, "x", AbortSignal.abort())).rejects.toMatchObject({
      code: "files.unavailable",
    });
  });
});
