import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError } from "../../../src/errors.ts";
import { callControl } from "../../../src/storage/control-client.ts";
import type { ControlHandler } from "../../../src/storage/control-protocol.ts";
import { type DataDirOwner, ownDataDir } from "../../../src/storage/control-socket.ts";

const program = fileURLToPath(new URL("./owning-process.ts", import.meta.url));
const inUse = { code: "storage.data_dir_in_use" };

let parent: string;
let dataDir: string;
let owners: DataDirOwner[];
let children: ChildProcessByStdio<null, Readable, null>[];

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "niangjia-own-"));
  dataDir = join(parent, "data");
  owners = [];
  children = [];
});

afterEach(async () => {
  await Promise.all(owners.map((owner) => owner.close()));
  await Promise.all(children.map(kill));
  await rm(parent, { recursive: true, force: true });
});

async function own(handlers?: Record<string, ControlHandler>, folder = dataDir): Promise<DataDirOwner> {
  const owner = await ownDataDir(folder, handlers);
  owners.push(owner);
  return owner;
}

/** Starts a process that tries to own the folder; resolves to it and the line that it printed. */
async function startOwner(folder = dataDir) {
  const child = spawn(process.execPath, [program, folder], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [line] = await once(child.stdout.setEncoding("utf8"), "data");
  return { child, said: String(line).trim() };
}

async function kill(child: ChildProcessByStdio<null, Readable, null>): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill("SIGKILL");
    await once(child, "close");
  }
}

/** A data folder whose socket path is too long for the system. */
const longFolder = () => join(parent, "很长的文件夹名".repeat(6), "data");

describe("owning a data folder", () => {
  it("a second owner is refused with the folder's name, and succeeds once the first has closed", async () => {
    const first = await own();
    await expect(own()).rejects.toMatchObject({ ...inUse, message: expect.stringContaining(dataDir) });
    await first.close();
    await own();
  });

  it("a second owner is refused by another process, also by one that is stopped", async () => {
    const { child, said } = await startOwner();
    expect(said).toBe("taken");
    await expect(own()).rejects.toMatchObject(inUse);
    child.kill("SIGSTOP");
    await expect(own()).rejects.toMatchObject(inUse);
  });

  it("the folder of a killed process is taken over", async () => {
    const { child } = await startOwner();
    await kill(child);
    expect(await readdir(dataDir)).toEqual(["control.lock", "control.sock"]);
    expect(await callControl(dataDir, "wait", {})).toEqual({ running: false });
    await own();
    expect(await readdir(dataDir)).toEqual(["control.lock", "control.sock"]);
    expect((await startOwner()).said).toBe("storage.data_dir_in_use");
  });

  it("of several processes that start at once after a kill, one owns the folder", async () => {
    await kill((await startOwner()).child);
    const started = await Promise.all([1, 2, 3, 4].map(() => startOwner()));
    expect(started.map(({ said }) => said).sort()).toEqual([
      "storage.data_dir_in_use",
      "storage.data_dir_in_use",
      "storage.data_dir_in_use",
      "taken",
    ]);
  });

  it("of many attempts at once in one process, one owns the folder", async () => {
    await kill((await startOwner()).child);
    const attempts = await Promise.allSettled(Array.from({ length: 10 }, () => own()));
    expect(attempts.filter((attempt) => attempt.status === "fulfilled")).toHaveLength(1);
    expect(await readdir(dataDir)).toEqual(["control.lock", "control.sock"]);
  });

  it("a file in the socket's place that is no socket is taken over", async () => {
    await mkdir(dataDir);
    await writeFile(join(dataDir, "control.sock"), "");
    await own();
    expect((await stat(join(dataDir, "control.sock"))).isSocket()).toBe(true);
  });

  it("only the owner's user may connect, and a closed owner leaves no socket behind", async () => {
    const owner = await own();
    expect((await stat(join(dataDir, "control.sock"))).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    await owner.close();
    expect(await readdir(dataDir)).toEqual(["control.lock"]);
  });

  it("a folder that cannot be made is unavailable", async () => {
    await writeFile(join(parent, "file"), "");
    await expect(own({}, join(parent, "file", "data"))).rejects.toMatchObject({
      code: "storage.unavailable",
    });
  });

  it("a path that is too long for a socket behaves the same", async () => {
    const folder = longFolder();
    const { child, said } = await startOwner(folder);
    expect(said).toBe("taken");
    expect(await readdir(folder)).toEqual(["control.lock", "control.sock"]);
    await expect(own({}, folder)).rejects.toMatchObject(inUse);
    await kill(child);
    expect(await callControl(folder, "echo", 1)).toEqual({ running: false });
    const owner = await own({ echo: async (args) => args }, folder);
    expect(await callControl(folder, "echo", 1)).toEqual({ running: true, result: 1 });
    await owner.close();
    expect(await readdir(folder)).toEqual(["control.lock"]);
  });
});

describe("commands", () => {
  it("without an owner there is nothing to call", async () => {
    expect(await callControl(join(parent, "absent"), "reload", {})).toEqual({ running: false });
  });

  it("reach the owner, report progress in order, and return its result", async () => {
    await own({
      reload: async (args, progress) => {
        progress({ done: 1, of: 2 });
        progress({ done: 2, of: 2 });
        return { got: args, text: "好\n了" };
      },
    });
    const updates: unknown[] = [];
    const outcome = await callControl(dataDir, "reload", { folder: "指南" }, (update) =>
      updates.push(update),
    );
    expect(outcome).toEqual({ running: true, result: { got: { folder: "指南" }, text: "好\n了" } });
    expect(updates).toEqual([
      { done: 1, of: 2 },
      { done: 2, of: 2 },
    ]);
  });

  it("without a result give null", async () => {
    await own({ quiet: async () => undefined });
    expect(await callControl(dataDir, "quiet", undefined)).toEqual({ running: true, result: null });
  });

  it("may run side by side", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    await own({ first: () => promise, second: async () => resolve("released") });
    const first = callControl(dataDir, "first", {});
    await callControl(dataDir, "second", {});
    expect(await first).toEqual({ running: true, result: "released" });
  });

  it("that fail on purpose throw the same coded error, others their message", async () => {
    await own({
      refuse: async () => {
        throw new AppError("knowledge.reload_running", "已经在重载", { shown: { since: "刚才" } });
      },
      crash: async () => {
        throw new TypeError("undefined is not a function");
      },
    });
    await expect(callControl(dataDir, "refuse", {})).rejects.toMatchObject({
      code: "knowledge.reload_running",
      message: "已经在重载",
      shown: { since: "刚才" },
    });
    await expect(callControl(dataDir, "crash", {})).rejects.toThrow("undefined is not a function");
  });

  it("that the owner does not know are refused, also names of every object", async () => {
    await own();
    await expect(callControl(dataDir, "reload", {})).rejects.toMatchObject(inUse);
    await expect(callControl(dataDir, "constructor", {})).rejects.toMatchObject(inUse);
  });

  it("are aborted in the owner when the client goes away", async () => {
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    await own({
      slow: (_args, _progress, signal) => {
        signal.addEventListener("abort", () => aborted.resolve());
        started.resolve();
        return aborted.promise;
      },
    });
    const client = new AbortController();
    const call = callControl(dataDir, "slow", {}, () => {}, client.signal);
    await started.promise;
    client.abort(new Error("user pressed Ctrl-C"));
    await expect(call).rejects.toThrow("user pressed Ctrl-C");
    await aborted.promise;
  });

  it("are not sent at all when the signal is aborted already", async () => {
    let calls = 0;
    await own({ count: async () => ++calls });
    await expect(
      callControl(dataDir, "count", {}, () => {}, AbortSignal.abort(new Error("no"))),
    ).rejects.toThrow("no");
    await callControl(dataDir, "count", {});
    expect(calls).toBe(1);
  });

  it("fail plainly when the owner is killed before it has answered", async () => {
    const { child } = await startOwner();
    const call = callControl(dataDir, "wait", {}, () => child.kill("SIGKILL"));
    await expect(call).rejects.toMatchObject({
      code: "storage.unavailable",
      message: expect.stringContaining('did not finish "wait"'),
    });
  });

  it("are aborted, awaited and answered when the owner closes", async () => {
    const started = Promise.withResolvers<void>();
    let ended = false;
    const owner = await own({
      slow: async (_args, _progress, signal) => {
        started.resolve();
        await once(signal, "abort");
        await new Promise((resolve) => setImmediate(resolve));
        ended = true;
        throw new AppError("knowledge.reload_failed", "stopped");
      },
    });
    const call = callControl(dataDir, "slow", {});
    const failure = expect(call).rejects.toMatchObject({ code: "knowledge.reload_failed" });
    await started.promise;
    await owner.close();
    expect(ended).toBe(true);
    await failure;
    expect(await callControl(dataDir, "slow", {})).toEqual({ running: false });
  });

  it("with an answer or arguments above the limit are refused", async () => {
    await own({ big: async () => "长".repeat(2_000_000), echo: async (args) => args });
    await expect(callControl(dataDir, "big", {})).rejects.toThrow(/longer than/);
    await expect(callControl(dataDir, "echo", "长".repeat(2_000_000))).rejects.toMatchObject({
      code: "http.too_large",
    });
    const fits = "长".repeat(900_000);
    expect(await callControl(dataDir, "echo", fits)).toEqual({ running: true, result: fits });
  });
});

describe("a client that does not speak the protocol", () => {
  it.each([
    ["no JSON", "hello\n"],
    ["no request", '{"command":"echo"}\n'],
    ["a line without end", "x".repeat(1_200_000)],
  ])("sending %s is cut off and others are still served", async (_what, sent) => {
    await own({ echo: async (args) => args });
    const socket = createConnection(join(dataDir, "control.sock"));
    // Being cut off while still sending shows as a broken pipe.
    socket.on("error", () => {});
    socket.resume();
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write(sent);
    await closed;
    expect(await callControl(dataDir, "echo", 1)).toEqual({ running: true, result: 1 });
  });

  it("and an idle one does not keep the owner from closing", async () => {
    const owner = await own();
    const socket = createConnection(join(dataDir, "control.sock"));
    await once(socket, "connect");
    const closed = once(socket.resume(), "close");
    await owner.close();
    await closed;
  });
});
