import { AppError } from "../errors.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";
import { adminCommandNames } from "./admin-commands.ts";
import { changesKnowledge, knowledgeCommandNames } from "./knowledge-commands.ts";

/** Every command that the running service takes. */
export const controlCommandNames: readonly string[] = [...knowledgeCommandNames, ...adminCommandNames];

/**
 * The running service's side of the command line. The control socket is taken before there is anything to command,
 * because it is the lock of the data folder too: a command is told to wait until it was opened.
 */
export class ControlCommands {
  readonly handlers: Readonly<Record<string, ControlHandler>>;
  readonly #open = new Map<string, ControlHandler>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<unknown>>();

  constructor(names: readonly string[] = controlCommandNames) {
    this.handlers = Object.fromEntries(
      names.map((name) => [
        name,
        (args, progress, signal) =>
          this.#track(this.#run(name, args, progress, AbortSignal.any([signal, this.#stopping.signal]))),
      ]),
    );
  }

  /** From now on these commands run; `onChange` hears how each of them that changes the knowledge ended. */
  open(
    commands: Readonly<Record<string, ControlHandler>>,
    onChange: (outcome: "ok" | "failed") => void = () => {},
  ): void {
    for (const [name, command] of Object.entries(commands)) {
      this.#open.set(name, changesKnowledge.has(name) ? heard(command, onChange) : command);
    }
  }

  /** Aborts the commands at hand and waits until each has let go of the database. */
  async stop(): Promise<void> {
    this.#stopping.abort(new AppError("storage.unavailable", "服务正在停止，没有做完的改动不算数"));
    await Promise.allSettled(this.#running);
  }

  #track<Result>(command: Promise<Result>): Promise<Result> {
    this.#running.add(command);
    return command.finally(() => this.#running.delete(command));
  }

  async #run(name: string, ...given: Parameters<ControlHandler>): Promise<unknown> {
    const command = this.#open.get(name);
    if (command === undefined) throw new AppError("storage.unavailable", "服务正在启动，请稍后再试");
    return command(...given);
  }
}

function heard(command: ControlHandler, onEnd: (outcome: "ok" | "failed") => void): ControlHandler {
  return async (...given) => {
    try {
      const result = await command(...given);
      onEnd("ok");
      return result;
    } catch (error) {
      onEnd("failed");
      throw error;
    }
  };
}
