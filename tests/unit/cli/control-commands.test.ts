import { describe, expect, it } from "vitest";
import { ControlCommands } from "../../../src/cli/control-commands.ts";
import { AppError } from "../../../src/errors.ts";

const signal = new AbortController().signal;
const call = (control: ControlCommands, name: string) => control.handlers[name]?.({}, () => {}, signal);

describe("the service's side of the command line", () => {
  it("tells every command to wait until the library is open", async () => {
    const control = new ControlCommands();
    for (const name of ["reload", "add", "remove", "rollback", "list", "search"])
      await expect(call(control, name)).rejects.toMatchObject({ code: "knowledge.library_unavailable" });
  });

  it("hears how each change ended, and of no reading", async () => {
    const control = new ControlCommands();
    const outcomes: string[] = [];
    const done = async () => "done";
    const broken = async () => {
      throw new AppError("knowledge.reload_failed", "坏了");
    };
    control.open(
      { reload: done, add: broken, remove: done, rollback: done, list: done, search: broken },
      (outcome) => outcomes.push(outcome),
    );
    expect(await call(control, "reload")).toBe("done");
    await expect(call(control, "add")).rejects.toThrow("坏了");
    await call(control, "list");
    await expect(call(control, "search")).rejects.toThrow("坏了");
    expect(outcomes).toEqual(["ok", "failed"]);
  });
});
