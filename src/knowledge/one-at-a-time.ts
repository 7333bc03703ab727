import { AppError } from "../errors.ts";

/** Lets one change of the knowledge run at a time; who comes in the meantime is told and not kept waiting. */
export class OneAtATime {
  #isRunning = false;

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Throws `knowledge.reload_running` while another change runs. */
  async run<Result>(change: () => Promise<Result>): Promise<Result> {
    if (this.#isRunning) throw new AppError("knowledge.reload_running", "资料正在更新，请等这一次结束再试");
    this.#isRunning = true;
    try {
      return await change();
    } finally {
      this.#isRunning = false;
    }
  }
}
