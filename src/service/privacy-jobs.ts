import type { Config } from "../config.ts";
import { createJobs, type Jobs } from "../jobs/create-jobs.ts";
import { privacyJobs } from "../jobs/privacy-jobs.ts";
import type { FileStore } from "../messaging/file-store.ts";
import type { Database } from "../storage/database.ts";
import { purgeForgotten } from "../storage/forget.ts";
import { deleteExpired, removeFiles } from "../storage/retention.ts";
import type { Logger } from "../telemetry/logger.ts";

/** The daily and hourly deletions over the product's own stores. */
export function createPrivacyJobs(
  { retentionDays }: Config,
  database: Database,
  files: FileStore,
  logger: Logger,
): Jobs {
  const { db } = database;
  return createJobs({
    database,
    logger,
    jobs: privacyJobs({
      deleteExpired: async () => ({ ...(await deleteExpired(db, { retentionDays, now: new Date() })) }),
      purgeForgotten: () => purgeForgotten(db, new Date()),
      removeFiles: () => removeFiles(db, files, new Date()),
    }),
  });
}
