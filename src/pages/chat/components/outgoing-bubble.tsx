import type { OutgoingMessage } from "../message-store.ts";
import type { Pictures } from "../pictures.ts";
import { texts } from "../texts.ts";
import { AttachmentList } from "./attachment-list.tsx";

export interface OutgoingActions {
  readonly onResend: (clientId: string) => void;
  readonly onTakeBack: (message: OutgoingMessage) => void;
  readonly onDiscard: (clientId: string) => void;
}

interface Props extends OutgoingActions {
  readonly message: OutgoingMessage;
  readonly pictures: Pictures;
}

/** A message that the server has not acknowledged: on its way, or kept here with what can be done. */
export function OutgoingBubble({ message, pictures, onResend, onTakeBack, onDiscard }: Props) {
  const { clientId, text, attachments, unsent, problem } = message;
  return (
    <div class="outgoing">
      <div class={`bubble own ${unsent === undefined ? "sending" : "unsent"}`}>
        <span class="for-readers">{`${texts.you}：`}</span>
        {attachments !== undefined && <AttachmentList attachments={attachments} pictures={pictures} />}
        {text !== "" && <div class="own-text">{text}</div>}
        {unsent === undefined && <span class="for-readers">{texts.sending}</span>}
      </div>
      {unsent !== undefined && (
        <div class="unsent-line" role="status">
          {unsent === "refused" ? (
            <button type="button" class="link" onClick={() => onTakeBack(message)}>
              {`${problem || texts.unsent}，${texts.takeBack}`}
            </button>
          ) : (
            <button type="button" class="link" onClick={() => onResend(clientId)}>
              {`${unsent === "busy" && problem ? problem : texts.unsent}，${texts.tapToResend}`}
            </button>
          )}
          <button type="button" class="link plain" onClick={() => onDiscard(clientId)}>
            {texts.dropUnsent}
          </button>
        </div>
      )}
    </div>
  );
}
