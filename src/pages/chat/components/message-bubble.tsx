import type { Citation, Message, Rating } from "../api-types.ts";
import type { Pictures } from "../pictures.ts";
import { texts } from "../texts.ts";
import { AnswerText } from "./answer-text.tsx";
import { AttachmentList } from "./attachment-list.tsx";
import { RatingButtons } from "./rating-buttons.tsx";
import { SourceList } from "./source-list.tsx";

export interface MessageActions {
  readonly onOpenSource: (citation: Citation) => void;
  readonly onRate: (messageId: string, rating: Rating) => Promise<boolean>;
  readonly onAskPerson: () => void;
}

interface Props extends MessageActions {
  readonly message: Message;
  readonly phones: readonly string[];
  readonly pictures: Pictures;
  /** Of a conversation that is gone: nothing can be done with it any more. */
  readonly isPast?: boolean;
}

const names = { contact: texts.you, bot: texts.bot, mediator: texts.mediator, system: texts.system };

/** One message: the contact's own on the right, everybody else's on the left with a name where it is a person. */
export function MessageBubble({ message, phones, pictures, isPast, ...actions }: Props) {
  const { onOpenSource, onRate, onAskPerson } = actions;
  const { answer, sender } = message;
  const name = `${names[sender]}：`;
  if (sender === "contact") {
    return (
      <div class="bubble own">
        <span class="for-readers">{name}</span>
        {message.attachments !== undefined && (
          <AttachmentList attachments={message.attachments} pictures={pictures} />
        )}
        {message.text !== "" && <div class="own-text">{message.text}</div>}
      </div>
    );
  }
  // Asking "was this useful?" under a call for help in danger, or under a greeting, would be out of place.
  const canRate =
    !isPast && answer !== undefined && answer.state !== "crisis" && answer.state !== "small_talk";
  return (
    <div class={`bubble ${sender}`}>
      <span class={sender === "mediator" ? "sender" : "for-readers"}>{name}</span>
      <AnswerText
        text={message.text}
        citations={answer?.citations ?? []}
        phones={phones}
        onOpenSource={onOpenSource}
      />
      {answer !== undefined && answer.citations.length > 0 && (
        <SourceList id={`sources-${message.id}`} citations={answer.citations} onOpenSource={onOpenSource} />
      )}
      <div class="below">
        {canRate && <RatingButtons rating={message.rating} onRate={(rating) => onRate(message.id, rating)} />}
        {(answer?.handOver === "offered" || message.rating === "down") && (
          <button type="button" class="button small offer" onClick={onAskPerson}>
            {texts.askPerson}
          </button>
        )}
      </div>
    </div>
  );
}
