import { messageOf } from "../errors.ts";
import type { HelperReply } from "./helper-process.ts";

/** The helper's side of `HelperProcess`: answers each job, and ends when the service is gone. */
export function answerJobs<Job>(work: (job: Job) => Promise<unknown>): void {
  process.on("disconnect", () => process.exit());
  process.on("message", (job) => {
    work(job as Job).then(
      (result) => reply({ result }),
      (error: unknown) => reply({ failed: `failed: ${messageOf(error)}` }),
    );
  });
}

function reply(message: HelperReply): void {
  process.send?.(message);
}
