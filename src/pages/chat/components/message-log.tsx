import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";
import type { ChatState } from "../message-store.ts";
import type { Pictures } from "../pictures.ts";
import { texts } from "../texts.ts";
import { timeLabel } from "../time-label.ts";
import { useFollowScroll } from "../use-follow-scroll.ts";
import { AnswerText } from "./answer-text.tsx";
import { type MessageActions, MessageBubble } from "./message-bubble.tsx";
import { type OutgoingActions, OutgoingBubble } from "./outgoing-bubble.tsx";
import { QuickReplies } from "./quick-replies.tsx";

interface Props extends MessageActions, OutgoingActions {
  readonly chat: ChatState;
  readonly phones: readonly string[];
  readonly pictures: Pictures;
  readonly greeting: ComponentChildren;
  readonly onQuickReply: (text: string) => void;
}

/** So many messages are laid out at first: a long history is slow on an old phone. */
const shownAtFirst = 40;

/** The conversation. New messages are read out by screen readers; history, previews and folded parts are not. */
export function MessageLog({ chat, phones, pictures, greeting, onQuickReply, ...actions }: Props) {
  const log = useRef<HTMLElement>(null);
  const [shown, setShown] = useState(shownAtFirst);
  const { messages, outgoing, preview, awaitedSeq } = chat;
  const visible = messages.slice(-shown);
  const hidden = messages.length - visible.length;
  const last = visible[visible.length - 1];
  const newest = last?.id ?? (chat.renewed ? "renewed" : "");
  // Answers to choose from belong to the newest word, and to nobody who is writing already.
  const quickReplies = outgoing.length === 0 && awaitedSeq === 0 ? (last?.quickReplies ?? []) : [];
  const ownCount = outgoing.length + messages.filter(({ sender }) => sender === "contact").length;
  const { hasUnseen, showNewest } = useFollowScroll(
    log,
    newest,
    (preview?.text.length ?? 0) + awaitedSeq + outgoing.filter(({ unsent }) => unsent !== undefined).length,
    ownCount,
  );
  const today = new Date();
  return (
    <main class="log" ref={log} tabIndex={-1}>
      <div class="log-inner">
        {hidden > 0 ? (
          <button type="button" class="button small earlier" onClick={() => setShown(shown + shownAtFirst)}>
            {texts.earlier}
          </button>
        ) : (
          greeting
        )}
        <div
          role="log"
          aria-label={texts.log}
          aria-live={chat.historyLoaded ? "polite" : "off"}
          aria-relevant="additions"
        >
          {chat.note !== "" && <p class="notice">{chat.note}</p>}
          {chat.farewell.map((message) => (
            <article key={message.id} data-entry>
              <MessageBubble message={message} phones={phones} pictures={pictures} isPast {...actions} />
            </article>
          ))}
          {chat.renewed && (
            <article key="renewed" data-entry>
              <p class="notice">{texts.renewed}</p>
            </article>
          )}
          {visible.map((message, index) => {
            const time = timeLabel(message.createdAt, visible[index - 1]?.createdAt, today);
            return (
              <article key={message.id} data-entry>
                {time !== undefined && <p class="time">{time}</p>}
                <MessageBubble message={message} phones={phones} pictures={pictures} {...actions} />
              </article>
            );
          })}
          {outgoing.map((message) => (
            <article key={message.clientId} data-entry>
              <OutgoingBubble message={message} pictures={pictures} {...actions} />
            </article>
          ))}
          {awaitedSeq > 0 && (
            <article key="awaited" data-entry>
              {preview === undefined ? (
                <p class="bubble bot typing">
                  <span class="dots" aria-hidden="true">
                    <i />
                    <i />
                    <i />
                  </span>
                  {texts.searching}
                </p>
              ) : (
                <div class="bubble bot preview" aria-hidden="true">
                  <AnswerText
                    text={preview.text}
                    citations={[]}
                    phones={[]}
                    onOpenSource={actions.onOpenSource}
                  />
                </div>
              )}
            </article>
          )}
        </div>
        {quickReplies.length > 0 && <QuickReplies replies={quickReplies} onReply={onQuickReply} />}
      </div>
      {hasUnseen && (
        <button type="button" class="button primary unseen" onClick={showNewest}>
          {texts.newMessage}
        </button>
      )}
    </main>
  );
}
