import { useState } from "preact/hooks";
import { fileEnding, fileLabel, fileSize } from "../file-label.ts";
import type { FileTray, TrayFile, TrayState } from "../file-tray.ts";
import type { Pictures } from "../pictures.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly tray: FileTray;
  readonly state: TrayState;
  readonly pictures: Pictures;
}

/** What goes with the next message: how far each file is, and what can be done where it failed. */
export function FileTrayView({ tray, state, pictures }: Props) {
  if (state.files.length === 0 && state.note === "") return null;
  return (
    <section class="tray" aria-label={texts.files}>
      <ul>
        {state.files.map((file) => (
          <li key={file.id} class={`tray-file ${file.state}`}>
            <Thumbnail file={file} pictures={pictures} />
            <div class="tray-words">
              <b class="tray-name">{fileLabel(file)}</b>
              <small class="tray-progress">{progressOf(file)}</small>
            </div>
            {file.state === "failed" && file.canRetry && (
              <button type="button" class="button small tray-action" onClick={() => tray.retry(file.id)}>
                {texts.uploadAgain}
              </button>
            )}
            <button
              type="button"
              class="tray-remove"
              aria-label={texts.removeFile(fileLabel(file))}
              onClick={() => tray.remove(file.id)}
            >
              <span aria-hidden="true">✕</span>
            </button>
          </li>
        ))}
      </ul>
      <p class="tray-note" role="status">
        {state.note || summaryOf(state.files)}
      </p>
    </section>
  );
}

/** The picture itself where the phone can show it, else what kind of file it is. */
function Thumbnail({ file, pictures }: { readonly file: TrayFile; readonly pictures: Pictures }) {
  const [isBroken, setBroken] = useState(false);
  const url = isBroken ? undefined : pictures.known(file.id);
  if (url !== undefined) {
    return <img class="thumbnail" src={url} alt="" decoding="async" onError={() => setBroken(true)} />;
  }
  return (
    <span class="thumbnail" aria-hidden="true">
      {fileEnding(file)}
    </span>
  );
}

function progressOf(file: TrayFile): string {
  if (file.state === "failed") return file.problem ?? texts.uploadFailed;
  if (file.state === "waiting") return texts.fileWaiting;
  return file.state === "sending" ? texts.fileSending(Math.floor(file.share * 100)) : fileSize(file);
}

/** Read out by screen readers: only when everything is there, not at every step. */
function summaryOf(files: readonly TrayFile[]): string {
  const isAllKept = files.length > 0 && files.every(({ state }) => state === "kept");
  return isAllKept ? texts.fileKept : "";
}
