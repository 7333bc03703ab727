import { resolve } from "node:path";
import { dataFolder, openFiles, openStorage, version } from "../app.ts";
import type { Config } from "../config.ts";
import { AppError } from "../errors.ts";
import { ownDataDir } from "../storage/control-socket.ts";
import type { TransferCounts } from "../storage/transfer/archive.ts";
import { exportToFile, importFromFile } from "../storage/transfer/transfer-file.ts";
import type { Logger } from "../telemetry/logger.ts";

export type TransferKind = "export" | "import";

/**
 * Exports everything into a new file, or imports it into an empty database. Always in a process of its own: the data
 * folder must be free, because the embedded database has one connection and a folder of files one user.
 */
export async function runTransfer(
  config: Config,
  logger: Logger,
  kind: TransferKind,
  file: string,
  onProgress: (part: string, count: number) => void,
): Promise<TransferCounts> {
  const owner = await ownFreeFolder(dataFolder(config));
  try {
    const database = await openStorage(config, logger);
    try {
      const parts = { db: database.db, files: await openFiles(config), onProgress };
      return kind === "export"
        ? await exportToFile({ ...parts, product: version, now: new Date() }, resolve(file))
        : await importFromFile(parts, resolve(file));
    } finally {
      await database.close();
    }
  } finally {
    await owner.close();
  }
}

async function ownFreeFolder(dataDir: string) {
  try {
    return await ownDataDir(dataDir);
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== "storage.data_dir_in_use") throw cause;
    throw new AppError("admin.refused", "服务正在使用这个数据文件夹，请先停止服务，再导出或导入", { cause });
  }
}
