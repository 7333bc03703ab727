import { AppError } from "../errors.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";
import type { KnowledgeResults } from "./knowledge-commands.ts";

type Commands = Record<keyof KnowledgeResults, ControlHandler>;

/** Commands that change which knowledge serves. */
const changing: ReadonlySet<string> = new Set<keyof KnowledgeResults>([
  "reload",
  "add",
  "remove",
  "rollback",
]);
const names: readonly (keyof KnowledgeResults)[] = ["reload", "add", "remove", "rollback", "list", "search"];

/**
 * The running service's side of the command line. The control socket is taken before there is a library, because
 * it is the lock of the data folder too: until `open`, every command is told to wait.
 */
export class ControlCommands {
  readonly handlers: Readonly<Record<string, ControlHandler>>;
  #commands: Commands | undefined;
  #onChange: (outcome: "ok" | "failed") => void = () => {};
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor() {
    this.handlers = Object.fromEntries(
      names.map((name) => [
        name,
        (args, progress, signal) =>
          this.#track(this.#run(name, args, progress, AbortSignal.any([signal, this.#stopping.signal]))),
      ]),
    );
  }

  /** From now on commands run; `onChange` hears how each one that changes the knowledge ended. */
  open(commands: Commands, onChange: (outcome: "ok" | "failed") => void): void {
    this.#commands = commands;
    this.#onChange = onChange;
  }

  /** Aborts the commands at hand and waits until each has let go of the database. */
  async stop(): Promise<void> {
    this.#stopping.abort(new AppError("knowledge.reload_failed", "服务正在停止，原来的资料继续使用"));
    await Promise.allSettled(this.#running);
  }

  #track<Result>(command: Promise<Result>): Promise<Result> {
    this.#running.add(command);
    return command.finally(() => this.#running.delete(command));
  }

  async #run(name: keyof KnowledgeResults, ...given: Parameters<ControlHandler>): Promise<unknown> {
    if (this.#commands === undefined)
      throw new AppError("knowledge.library_unavailable", "服务正在启动，请稍后再试");
    if (!changing.has(name)) return this.#commands[name](...given);
    try {
      const result = await this.#commands[name](...given);
      this.#onChange("ok");
      return result;
    } catch (error) {
      this.#onChange("failed");
      throw error;
    }
  }
}
