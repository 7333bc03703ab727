import { ApiError } from "./api-client.ts";
import type { FileToUpload } from "./file-tray.ts";

/** Resolves to the id of the kept file. Every failure is an `ApiError`, except an abort by the caller. */
export type UploadFile = (
  token: string,
  file: FileToUpload,
  /** From 0 to 1. */
  onProgress: (share: number) => void,
  signal: AbortSignal,
) => Promise<string>;

export interface UploadFileOptions {
  readonly createRequest: () => XMLHttpRequest;
  /** Milliseconds without progress after which an upload is given up. Default 45 s. */
  readonly silenceMs?: number;
}

/** Uploads by the one way in which browsers tell how far they are. */
export function createUploadFile({ createRequest, silenceMs = 45_000 }: UploadFileOptions): UploadFile {
  return (token, { content, name, kind }, onProgress, signal) =>
    new Promise((resolve, reject) => {
      const request = createRequest();
      let timer: ReturnType<typeof setTimeout> | undefined;
      const abort = () => request.abort();
      const expectProgress = () => {
        clearTimeout(timer);
        timer = setTimeout(abort, silenceMs);
      };
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", abort);
      };
      const fail = () => {
        end();
        reject(new ApiError(0, ""));
      };
      request.open("POST", `/api/files?kind=${kind}`);
      request.setRequestHeader("Authorization", `Bearer ${token}`);
      request.setRequestHeader("Content-Type", "application/octet-stream");
      request.setRequestHeader("X-File-Name", encodedName(name));
      request.upload.onprogress = ({ loaded, total }) => {
        expectProgress();
        if (total > 0) onProgress(loaded / total);
      };
      request.onload = () => {
        end();
        const { id, error } = bodyOf(request.responseText);
        if (request.status === 201 && id !== undefined) resolve(id);
        else reject(new ApiError(request.status, error?.message ?? ""));
      };
      request.onerror = fail;
      request.onabort = fail;
      signal.addEventListener("abort", abort);
      expectProgress();
      request.send(content);
    });
}

/** Half a character cannot be encoded: such a name is left out. */
function encodedName(name: string): string {
  try {
    return encodeURIComponent(name.slice(-100));
  } catch {
    return "";
  }
}

function bodyOf(text: string): { id?: string; error?: { message?: string } } {
  try {
    return (JSON.parse(text) ?? {}) as { id?: string };
  } catch {
    // A proxy in between may answer with something that is not JSON; the status says enough.
    return {};
  }
}
