import { AppError } from "../../errors.ts";
import { failureOf, type TelegramApi } from "./api.ts";

/**
 * The bytes of a file that a contact sent, as they arrive. Rejects, or breaks off, with `files.gone` where Telegram has
 * it no more, `files.too_large` where it does not hand over files of this size (above 20 MB), else with
 * `files.unavailable`: later it may work. No address in an error: it holds the token.
 */
export async function fetchFile(
  api: TelegramApi,
  fileId: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const path = await filePath(api, fileId, signal);
  const response = await api.download(path, signal).catch(() => undefined);
  if (response?.ok === true) return chunksOf(response);
  await response?.body?.cancel();
  throw response?.status === 404 || response?.status === 410 ? gone() : unavailable(response?.status);
}

async function filePath(api: TelegramApi, fileId: string, signal: AbortSignal): Promise<string> {
  try {
    const { file_path: path } = await api.call("getFile", { file_id: fileId }, { signal });
    if (path === undefined || path === "") throw gone();
    return path;
  } catch (error) {
    const failure = failureOf(error);
    if (failure === undefined) throw error;
    if (failure.kind !== "refused") throw unavailable();
    if (/too big/i.test(failure.description)) {
      throw new AppError("files.too_large", "Telegram does not hand over a file of this size.");
    }
    throw failure.code === 400 ? gone() : unavailable(failure.code);
  }
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch {
    throw unavailable();
  }
}

const gone = () => new AppError("files.gone", "Telegram has this file no more.");
const unavailable = (status?: number) =>
  new AppError("files.unavailable", "A file could not be fetched from Telegram; try again later.", {
    details: status === undefined ? {} : { status },
  });
