import { AppError } from "../errors.ts";
import type { FileStore } from "../messaging/file-store.ts";

/** A folder of files that takes nothing new while other processes live, who could not see what is kept there. */
export function filesOfOne(files: FileStore, alone: () => boolean): FileStore {
  return {
    save: async (id, content, mostBytes) => {
      if (!alone()) {
        throw new AppError(
          "files.unavailable",
          "Several processes share the database, and the folder of files is of one of them. Set FILES_URL to a bucket.",
        );
      }
      return files.save(id, content, mostBytes);
    },
    open: (id) => files.open(id),
    remove: (ids) => files.remove(ids),
  };
}
