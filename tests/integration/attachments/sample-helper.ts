import { answerJobs } from "../../../src/attachments/answer-jobs.ts";

/** A helper that does what its job says, for the tests of `HelperProcess`. */
answerJobs(async (job: Uint8Array) => {
  const [what, value = ""] = Buffer.from(job).toString().split(":");
  switch (what) {
    case "fail":
      throw new Error(value);
    case "hang":
      return new Promise(() => setInterval(() => undefined, 1_000));
    case "spin":
      for (;;);
    case "die":
      return process.exit(1);
    case "environment":
      return Object.keys(process.env).sort();
    case "process":
      return process.pid;
    default:
      return [process.argv[2], value];
  }
});
