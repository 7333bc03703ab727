import { AppError } from "../../errors.ts";
import type { DocumentSummary } from "../knowledge-store.ts";

/** The document of that id that `knowledge add` brought; throws `knowledge.document_unknown` where there is none. */
export function findAdded(current: readonly DocumentSummary[], documentId: string): DocumentSummary {
  const document = current.find(({ id }) => id === documentId);
  if (document === undefined)
    throw new AppError(
      "knowledge.document_unknown",
      `没有编号为 ${documentId} 的文件，用 knowledge list 查看编号`,
    );
  if (document.origin === "library")
    throw new AppError(
      "knowledge.document_unknown",
      document.kind === "local"
        ? `“${document.title}”来自本地数据 ${document.path}：请修改那里的内容，再运行 knowledge reload`
        : `“${document.title}”来自资料文件夹：请删除文件 ${document.path}，再运行 knowledge reload`,
    );
  return document;
}
