import { useState } from "preact/hooks";
import type { Attachment } from "../api-types.ts";
import { fileLabel, fileSize } from "../file-label.ts";
import type { Pictures } from "../pictures.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly attachments: readonly Attachment[];
  readonly pictures: Pictures;
}

/** The files of a message: pictures of this visit as they are, earlier ones behind a tap, everything else by name. */
export function AttachmentList({ attachments, pictures }: Props) {
  return (
    <ul class="attachments">
      {attachments.map((attachment) => (
        <li key={attachment.id}>
          {attachment.kind === "photo" && attachment.state !== "refused" ? (
            <Photo photo={attachment} pictures={pictures} />
          ) : (
            <FileLine file={attachment} />
          )}
          {attachment.text !== undefined && <p class="quiet">{attachment.text}</p>}
        </li>
      ))}
    </ul>
  );
}

function FileLine({ file }: { readonly file: Attachment }) {
  return (
    <p class="file-line">
      <b class="file-name">{fileLabel(file)}</b>
      <small class="file-hint">{file.state === "refused" ? texts.fileUnkept : fileSize(file)}</small>
    </p>
  );
}

function Photo({ photo, pictures }: { readonly photo: Attachment; readonly pictures: Pictures }) {
  const [url, setUrl] = useState(pictures.known(photo.id));
  const [line, setLine] = useState<string>(texts.showPicture);
  const [isBroken, setBroken] = useState(false);
  if (isBroken) return <FileLine file={photo} />;
  if (url !== undefined) {
    return (
      <img class="photo" src={url} alt={fileLabel(photo)} decoding="async" onError={() => setBroken(true)} />
    );
  }
  const open = () => {
    setLine(texts.pictureOpening);
    pictures.open(photo.id).then(setUrl, () => setLine(texts.pictureFailed));
  };
  return (
    <button type="button" class="file-line opens" onClick={open}>
      <b class="file-name">{fileLabel(photo)}</b>
      <small class="file-hint">{`${fileSize(photo)} ${line}`.trim()}</small>
    </button>
  );
}
