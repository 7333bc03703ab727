import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { AppError } from "../errors.ts";
import { atMost } from "./at-most.ts";
import { orAborted } from "./until-aborted.ts";

/** What a helper answers to one job; errors lose their class between processes. */
export type HelperReply = { readonly result: unknown } | { readonly failed: string };

export interface HelperOptions {
  /** The module that the process runs: it answers each message with one `HelperReply`. */
  readonly entry: URL;
  /** What it is told at its start. */
  readonly args: readonly string[];
  /** Milliseconds for one job. */
  readonly jobMs: number;
  /** Milliseconds without a job after which it ends and gives its memory back. */
  readonly idleMs: number;
}

/**
 * Native code that reads strangers' files, in a process of its own: a crash, an endless loop or a leak there costs
 * one job and never the service. It starts with the first job, does one at a time, has no secret in its environment
 * and ends with this process.
 */
export class HelperProcess {
  readonly #options: HelperOptions;
  readonly #oneAtATime = atMost(1);
  #child: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: HelperOptions) {
    this.#options = options;
  }

  /** The helper's result. Rejects with the signal's reason, or `model.unavailable` where it failed or took too long. */
  run(job: unknown, signal: AbortSignal): Promise<unknown> {
    return this.#oneAtATime(async () => {
      signal.throwIfAborted();
      clearTimeout(this.#idle);
      const time = AbortSignal.timeout(this.#options.jobMs);
      try {
        return await orAborted(this.#ask(job), AbortSignal.any([signal, time]));
      } catch (cause) {
        // What it is busy with cannot be taken back, and what broke may be broken for good.
        this.close();
        signal.throwIfAborted();
        throw time.aborted ? failure("took too long", cause) : cause;
      } finally {
        this.#idle = setTimeout(() => this.close(), this.#options.idleMs).unref();
      }
    });
  }

  /** Ends the process; the next job starts another one. */
  close(): void {
    clearTimeout(this.#idle);
    this.#child?.kill("SIGKILL");
    this.#child = undefined;
  }

  #start(): ChildProcess {
    const { PATH, SystemRoot } = process.env;
    const child = fork(fileURLToPath(this.#options.entry), this.#options.args, {
      serialization: "advanced",
      env: { ...(PATH === undefined ? {} : { PATH }), ...(SystemRoot === undefined ? {} : { SystemRoot }) },
      execArgv: [],
      // What a library prints about a damaged file belongs in no output of ours.
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    child.on("error", () => undefined);
    child.once("exit", () => {
      if (this.#child === child) this.#child = undefined;
    });
    return child;
  }

  #ask(job: unknown): Promise<unknown> {
    this.#child ??= this.#start();
    const child = this.#child;
    const reply = Promise.withResolvers<unknown>();
    const onMessage = (message: HelperReply) => {
      if ("result" in message) reply.resolve(message.result);
      else reply.reject(failure(message.failed));
    };
    const onEnd = () => reply.reject(failure("ended in the middle of its work"));
    child.once("message", onMessage).once("error", onEnd).once("exit", onEnd);
    child.ref();
    child.channel?.ref();
    child.send(job as object, (error) => {
      if (error !== null) reply.reject(failure("could not be reached", error));
    });
    return reply.promise.finally(() => {
      child.off("message", onMessage).off("error", onEnd).off("exit", onEnd);
      // Waiting for work, it keeps nobody from ending.
      child.unref();
      child.channel?.unref();
    });
  }
}

function failure(what: string, cause?: unknown): AppError {
  return new AppError(
    "model.unavailable",
    `The helper that reads files ${what}`,
    cause === undefined ? {} : { cause },
  );
}
