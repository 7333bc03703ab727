import { afterEach, expect, it } from "vitest";
import { HelperProcess } from "../../../src/attachments/helper-process.ts";

const neverFired = new AbortController().signal;
const entry = new URL("./sample-helper.ts", import.meta.url);
const opened: HelperProcess[] = [];

function helper(more: { jobMs?: number; idleMs?: number } = {}): HelperProcess {
  const made = new HelperProcess({ entry, args: ["first"], jobMs: 60_000, idleMs: 60_000, ...more });
  opened.push(made);
  return made;
}

afterEach(() => {
  for (const made of opened.splice(0)) made.close();
});

const run = (on: HelperProcess, job: string, signal = neverFired) => on.run(Buffer.from(job), signal);
const pidOf = async (on: HelperProcess) => (await run(on, "process")) as number;

/** Resolves when no such process is left. */
async function ended(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

it("jobs are answered by one process, which knows its arguments", async () => {
  const on = helper();
  const [first, echoed, second] = await Promise.all([pidOf(on), run(on, "echo:好"), pidOf(on)]);
  expect(echoed).toEqual(["first", "好"]);
  expect(first).toBe(second);
  expect(first).not.toBe(process.pid);
});

it("a job that fails rejects with why, and the next one is done", async () => {
  const on = helper();
  await expect(run(on, "fail:no picture")).rejects.toMatchObject({
    code: "model.unavailable",
    message: expect.stringContaining("no picture"),
  });
  expect(await run(on, "echo:x")).toEqual(["first", "x"]);
});

it("a process that dies costs its job only", async () => {
  const on = helper();
  const [died, next] = await Promise.allSettled([run(on, "die"), run(on, "echo:x")]);
  expect(died).toMatchObject({ status: "rejected", reason: { code: "model.unavailable" } });
  expect(next).toMatchObject({ status: "fulfilled", value: ["first", "x"] });
});

it.each(["hang", "spin"])("one that would %s for ever is ended with its time", async (job) => {
  const on = helper({ jobMs: 1_000 });
  await expect(run(on, job)).rejects.toMatchObject({ message: expect.stringContaining("took too long") });
});

it("a caller who gives up ends the work", async () => {
  const on = helper();
  const pid = await pidOf(on);
  const stop = new AbortController();
  const work = run(on, "spin", stop.signal);
  stop.abort(new Error("given up"));
  await expect(work).rejects.toThrow("given up");
  await ended(pid);
});

it("after a while without work the process ends, and starts again with the next job", async () => {
  const on = helper({ idleMs: 10 });
  const pid = await pidOf(on);
  await ended(pid);
  expect(await pidOf(on)).not.toBe(pid);
});

it("no setting of the service is in its environment", async () => {
  process.env.TEST_SECRET = "secret";
  try {
    expect(await run(helper(), "environment")).toEqual(expect.not.arrayContaining(["TEST_SECRET"]));
  } finally {
    delete process.env.TEST_SECRET;
  }
});
