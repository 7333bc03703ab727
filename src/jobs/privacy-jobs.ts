import type { Job } from "./create-jobs.ts";

/** What `storage/` does for privacy, without its parts: `app.ts` binds them. Each does no harm when done twice. */
export interface PrivacyWork {
  /** Deletes what is older than the retention period; resolves to counts. */
  deleteExpired(): Promise<Readonly<Record<string, number>>>;
  /** Ends forgotten conversations whose receipt could not be handed over. */
  purgeForgotten(): Promise<number>;
  /** Removes the files of what was deleted. */
  removeFiles(): Promise<number>;
}

/** Every night: what has served its time. Every hour: what was forgotten, and the files of both. */
export function privacyJobs({ deleteExpired, purgeForgotten, removeFiles }: PrivacyWork): Job[] {
  return [
    {
      name: "retention",
      cron: "30 3 * * *",
      run: async (signal) => {
        const expired = await deleteExpired();
        signal.throwIfAborted();
        return { ...expired, files: await removeFiles() };
      },
    },
    {
      name: "forgotten",
      cron: "17 * * * *",
      run: async (signal) => {
        const conversations = await purgeForgotten();
        signal.throwIfAborted();
        return { conversations, files: await removeFiles() };
      },
    },
  ];
}
