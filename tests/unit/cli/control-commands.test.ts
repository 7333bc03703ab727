import { describe, expect, it } from "vitest";
import { adminCommandNames } from "../../../src/cli/admin-commands.ts";
import { ControlCommands } from "../../../src/cli/control-commands.ts";
import { knowledgeCommandNames } from "../../../src/cli/knowledge-commands.ts";
import { AppError } from "../../../src/errors.ts";

const signal = new AbortController().signal;
const call = (control: ControlCommands, name: string) => control.handlers[name]?.({}, () => {}, signal);

describe("the service's side of the command line", () => {
  it("tells every command to wait until it was opened", async () => {
    const control = new ControlCommands();
    for (const name of [...knowledgeCommandNames, ...adminCommandNames])
      await expect(call(control, name)).rejects.toMatchObject({
        code: "storage.unavailable",
        message: "服务正在启动，请稍后再试",
      });
  });

  it("takes the commands of several parts, each as soon as that part is open", async () => {
    const control = new ControlCommands();
    control.open({ list: async () => "documents" });
    expect(await call(control, "list")).toBe("documents");
    await expect(call(control, "admin.links")).rejects.toThrow("正在启动");
    control.open({ "admin.links": async () => "doors" });
    expect(await call(control, "list")).toBe("documents");
    expect(await call(control, "admin.links")).toBe("doors");
  });

  it("hears how each change of the knowledge ended, and of nothing else", async () => {
    const control = new ControlCommands();
    const outcomes: string[] = [];
    const done = async () => "done";
    const broken = async () => {
      throw new AppError("knowledge.reload_failed", "坏了");
    };
    control.open({ reload: done, add: broken, list: done, search: broken, "admin.link": done }, (outcome) =>
      outcomes.push(outcome),
    );
    expect(await call(control, "reload")).toBe("done");
    await expect(call(control, "add")).rejects.toThrow("坏了");
    await call(control, "list");
    await call(control, "admin.link");
    await expect(call(control, "search")).rejects.toThrow("坏了");
    expect(outcomes).toEqual(["ok", "failed"]);
  });

  it("aborts what runs when it stops, and waits until it has let go", async () => {
    const control = new ControlCommands();
    let letGo = false;
    control.open({
      reload: (_args, _progress, stopping) =>
        new Promise((_, reject) => {
          stopping.addEventListener("abort", () => {
            setImmediate(() => {
              letGo = true;
              reject(stopping.reason);
            });
          });
        }),
    });
    const running = expect(call(control, "reload")).rejects.toThrow("服务正在停止");
    await control.stop();
    expect(letGo).toBe(true);
    await running;
  });
});
