import { AppError, messageOf } from "../../errors.ts";

/** An index could not be made; what was open goes on. */
export const buildFailed = (cause: unknown) =>
  new AppError("knowledge.reload_failed", `索引没有建成，原来的资料继续使用：${messageOf(cause)}`, { cause });
