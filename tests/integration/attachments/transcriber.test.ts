import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createTranscriber, type TranscriberOptions } from "../../../src/attachments/transcriber.ts";
import { OpenAiServer } from "../../support/openai-server.ts";
import { makeOpus, makeWav } from "../../support/sample-media.ts";

const neverFired = new AbortController().signal;
let server: OpenAiServer;
let baseUrl: string;

beforeEach(async () => {
  server = new OpenAiServer();
  server.retryAfter = 0;
  baseUrl = await server.start();
});
afterEach(() => server.stop());

const transcriber = (more: Partial<TranscriberOptions> = {}) =>
  createTranscriber({ model: "sense-voice", baseUrl, timeoutMs: 30_000, ...more });

const opus = { bytes: makeOpus(), mimeType: "audio/ogg" };

it("a voice is sent whole, with model and ending, and its words come back", async () => {
  server.transcript = "老板三个月没发工资了";
  expect(await transcriber({ apiKey: "key-1" }).read(opus, neverFired)).toBe("老板三个月没发工资了");
  expect(server.voices).toEqual([
    { model: "sense-voice", name: "voice.ogg", type: "audio/ogg", bytes: opus.bytes },
  ]);
  expect(server.requests).toMatchObject([
    { path: "/v1/audio/transcriptions", authorization: "Bearer key-1" },
  ]);
});

it.each([
  ["audio/mpeg", "voice.mp3"],
  ["audio/mp4", "voice.m4a"],
  ["audio/wav", "voice.wav"],
  ["audio/webm", "voice.webm"],
])("%s goes as %s", async (mimeType, name) => {
  await transcriber().read({ bytes: makeWav(10), mimeType }, neverFired);
  expect(server.voices).toMatchObject([{ name }]);
});

it.each(["500", "429", "cut"] as const)("%s once is overcome", async (behaviour) => {
  server.next.push(behaviour);
  expect(await transcriber().read(opus, neverFired)).toBe(server.transcript);
  expect(server.voices).toHaveLength(2);
});

it.each(["500", "429", "cut", "unfinished"] as const)(
  "%s for good says what to check, without the voice's words",
  async (behaviour) => {
    server.behaviour = behaviour;
    await expect(transcriber().read(opus, neverFired)).rejects.toMatchObject({
      code: "model.unavailable",
      message: expect.stringContaining("TRANSCRIBE_BASE_URL"),
    });
    expect(server.voices.length).toBeLessThanOrEqual(2);
  },
);

it("an endpoint that never answers is given up in time, its retry included", async () => {
  server.behaviour = "hang";
  await expect(transcriber({ timeoutMs: 100 }).read(opus, neverFired)).rejects.toMatchObject({
    code: "model.unavailable",
    message: expect.stringContaining("in time"),
  });
});

it("a turn that is given up ends with its own reason", async () => {
  server.behaviour = "hang";
  const stop = new AbortController();
  const work = transcriber().read(opus, stop.signal);
  stop.abort(new Error("the lease was lost"));
  await expect(work).rejects.toThrow("the lease was lost");
});

it("nobody there is no crash", async () => {
  const away = transcriber({ baseUrl: "http://127.0.0.1:9/v1" });
  await expect(away.read(opus, neverFired)).rejects.toMatchObject({ code: "model.unavailable" });
});

describe("what is read", () => {
  const voice = { kind: "voice", mimeType: "audio/ogg", size: 1_000 } as const;
  it.each([
    ["a voice", voice, true],
    ["a recording sent as a file: it is evidence, not a question", { ...voice, kind: "file" }, false],
    ["a voice beyond what endpoints take", { ...voice, size: 26_214_401 }, false],
    ["a WeChat voice, without a decoder", { ...voice, mimeType: "audio/silk" }, false],
    ["a picture", { ...voice, kind: "photo", mimeType: "image/png" }, false],
  ] as const)("%s", (_what, file, isRead) => {
    expect(transcriber().reads(file)).toBe(isRead);
  });

  it("a WeChat voice goes as WAV where there is a decoder, and none that is too long for it", async () => {
    const wav = makeWav(10);
    const decoded: Uint8Array[] = [];
    const silk = {
      decodes: (size: number) => size <= 1_000,
      decode: async (bytes: Uint8Array) => {
        decoded.push(bytes);
        return wav;
      },
      close: () => undefined,
    };
    const reader = transcriber({ silk });
    expect(reader.reads({ ...voice, mimeType: "audio/silk" })).toBe(true);
    expect(reader.reads({ ...voice, mimeType: "audio/silk", size: 1_001 })).toBe(false);
    const bytes = Buffer.from("\u0002#!SILK_V3");
    expect(await reader.read({ bytes, mimeType: "audio/silk" }, neverFired)).toBe(server.transcript);
    expect(decoded).toEqual([bytes]);
    expect(server.voices).toMatchObject([{ name: "voice.wav", type: "audio/wav", bytes: wav }]);
  });
});
