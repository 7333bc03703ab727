import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LanguageModel } from "../../../src/answering/language-model.ts";
import { ResilientModel } from "../../../src/answering/resilient-model.ts";
import { AppError } from "../../../src/errors.ts";

type Attempt = (signal: AbortSignal) => AsyncIterable<string>;

const unavailable = (details: Record<string, unknown> = {}) =>
  new AppError("model.unavailable", "away", { details });

async function* says(...pieces: string[]): AsyncIterable<string> {
  yield* pieces;
}

async function* fails(error: unknown = unavailable(), afterMs = 0): AsyncIterable<string> {
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  throw error;
}

async function* breaksOff(...pieces: string[]): AsyncIterable<string> {
  yield* pieces;
  throw unavailable();
}

/** Does not mind being aborted. */
async function* drips(everyMs: number, pieces: number): AsyncIterable<string> {
  for (let count = 0; count < pieces; count += 1) {
    await new Promise((resolve) => setTimeout(resolve, everyMs));
    yield "字";
  }
}

/** Never answers, and does not even mind being aborted. */
async function* hangs(): AsyncIterable<string> {
  await new Promise(() => {});
}

class ScriptedModel implements LanguageModel {
  readonly name = "scripted";
  readonly signals: AbortSignal[] = [];
  readonly attempts: Attempt[];

  constructor(...attempts: Attempt[]) {
    this.attempts = attempts;
  }

  stream(_prompt: unknown, signal: AbortSignal): AsyncIterable<string> {
    const attempt = this.attempts[this.signals.length] ?? (() => says("好"));
    this.signals.push(signal);
    return attempt(signal);
  }
}

const prompt = { system: "规则", user: "问题" };
const never = new AbortController().signal;
const now = () => Date.now();
const readAll = () => true;

/** Runs a reply to its end on the fake clock: its outcome and the milliseconds that it took. */
async function run(model: ResilientModel, read: (text: string) => boolean = readAll, signal = never) {
  const started = Date.now();
  const outcome = model.complete(prompt, read, signal).then(
    (text) => ({ text, error: undefined, ms: Date.now() - started }),
    (error: unknown) => ({ text: undefined, error, ms: Date.now() - started }),
  );
  await vi.runAllTimersAsync();
  return outcome;
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("ResilientModel", () => {
  it("gives the whole reply and shows it as it grows", async () => {
    const seen: string[] = [];
    const model = new ResilientModel(new ScriptedModel(() => says("您", "好")), { now });
    const { text } = await run(model, (soFar) => seen.push(soFar) > 0);
    expect(text).toBe("您好");
    expect(seen).toEqual(["", "您", "您好"]);
  });

  it("ends the reply and the connection when the reader has enough", async () => {
    const scripted = new ScriptedModel(() => drips(10, 100));
    const { text } = await run(new ResilientModel(scripted, { now }), (soFar) => soFar.length < 3);
    expect(text).toBe("字字字");
    expect(scripted.signals[0]?.aborted).toBe(true);
  });

  it("tries once more after an early failure and starts the text anew", async () => {
    const seen: string[] = [];
    const scripted = new ScriptedModel(
      () => breaksOff("半"),
      () => says("全"),
    );
    const { text } = await run(new ResilientModel(scripted, { now }), (soFar) => seen.push(soFar) > 0);
    expect(text).toBe("全");
    expect(seen).toEqual(["", "半", "", "全"]);
  });

  it("tries only once more", async () => {
    const scripted = new ScriptedModel(
      () => fails(),
      () => fails(),
    );
    const { error } = await run(new ResilientModel(scripted, { now }));
    expect(error).toMatchObject({ code: "model.unavailable" });
    expect(scripted.signals).toHaveLength(2);
  });

  it.each([
    ["the first attempt failed late", () => fails(unavailable(), 5_000)],
    ["the key is wrong", () => fails(unavailable({ status: 401 }))],
    [
      "the model asks for a longer wait than there is time",
      () => fails(unavailable({ status: 429, retryAfterMs: 20_000 })),
    ],
    ["the fault is in the program", () => fails(new TypeError("bug"))],
  ])("does not try again where %s", async (_, attempt) => {
    const scripted = new ScriptedModel(attempt);
    const { error } = await run(new ResilientModel(scripted, { now }));
    expect(error).toBeInstanceOf(AppError);
    expect(scripted.signals).toHaveLength(1);
  });

  it("waits as long as the model asks before it tries again", async () => {
    const scripted = new ScriptedModel(() => fails(unavailable({ status: 429, retryAfterMs: 2_000 })));
    const { text, ms } = await run(new ResilientModel(scripted, { now }));
    expect(text).toBe("好");
    expect(ms).toBe(2_000);
  });

  it("gives up after half the time when nothing comes at all, and closes the connection", async () => {
    const scripted = new ScriptedModel(() => hangs());
    const { error, ms } = await run(new ResilientModel(scripted, { now, timeoutMs: 12_000 }));
    expect(error).toMatchObject({ code: "model.unavailable" });
    expect(ms).toBe(6_000);
    expect(scripted.signals).toHaveLength(1);
    expect(scripted.signals[0]?.aborted).toBe(true);
  });

  it("gives up at the time limit when the reply drips, and reads nothing of what still comes", async () => {
    const model = new ResilientModel(new ScriptedModel(() => drips(1_000, 20)), { now });
    const started = Date.now();
    const readAt: number[] = [];
    const { error, ms } = await run(model, () => readAt.push(Date.now() - started) > 0);
    expect(error).toMatchObject({ code: "model.unavailable" });
    expect(ms).toBe(12_000);
    expect(readAt).toHaveLength(12);
  });

  it("stops at once when the turn is cancelled and rejects with the turn's reason", async () => {
    const turn = new AbortController();
    const reason = new Error("handed over");
    setTimeout(() => turn.abort(reason), 1_000);
    const { error, ms } = await run(
      new ResilientModel(new ScriptedModel(() => hangs()), { now }),
      readAll,
      turn.signal,
    );
    expect(error).toBe(reason);
    expect(ms).toBe(1_000);
  });

  describe("after three failures in a row", () => {
    const broken = () => fails(unavailable({ status: 401 }));

    async function opened(...later: Attempt[]) {
      const scripted = new ScriptedModel(broken, broken, broken, ...later);
      const model = new ResilientModel(scripted, { now });
      for (let count = 0; count < 3; count += 1) await run(model);
      return { model, scripted };
    }

    it("leaves the model alone for 30 seconds", async () => {
      const { model, scripted } = await opened();
      expect((await run(model)).error).toMatchObject({ code: "model.unavailable" });
      await vi.advanceTimersByTimeAsync(29_000);
      expect((await run(model)).error).toMatchObject({ code: "model.unavailable" });
      expect(scripted.signals).toHaveLength(3);
    });

    it("tries it with one reply, does not let others wait for that, and serves again after a success", async () => {
      const { model, scripted } = await opened(() => slowly(3_000, "回来了"));
      await vi.advanceTimersByTimeAsync(30_000);
      const trial = model.complete(prompt, readAll, never);
      await expect(model.complete(prompt, readAll, never)).rejects.toMatchObject({
        code: "model.unavailable",
      });
      expect(scripted.signals).toHaveLength(4);
      await vi.runAllTimersAsync();
      expect(await trial).toBe("回来了");
      expect((await run(model)).text).toBe("好");
    });

    it("leaves it alone again when that reply fails", async () => {
      const { model, scripted } = await opened(broken);
      await vi.advanceTimersByTimeAsync(30_000);
      await run(model);
      await run(model);
      expect(scripted.signals).toHaveLength(4);
    });
  });

  it("does not count cancelled turns as failures of the model", async () => {
    const scripted = new ScriptedModel(hangs, hangs, hangs);
    const model = new ResilientModel(scripted, { now });
    for (let count = 0; count < 3; count += 1) {
      const turn = new AbortController();
      setTimeout(() => turn.abort(), 10);
      await run(model, readAll, turn.signal);
    }
    expect((await run(model)).text).toBe("好");
  });

  it("does not ask the model for a turn that is over already", async () => {
    const scripted = new ScriptedModel();
    await run(new ResilientModel(scripted, { now }), readAll, AbortSignal.abort());
    expect(scripted.signals).toHaveLength(0);
  });
});

async function* slowly(ms: number, text: string): AsyncIterable<string> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  yield text;
}
