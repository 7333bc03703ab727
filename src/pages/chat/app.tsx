import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ApiClient } from "./api-client.ts";
import type { Citation } from "./api-types.ts";
import type { ChatSession } from "./chat-session.ts";
import { Composer } from "./components/composer.tsx";
import { ConnectionLine } from "./components/connection-line.tsx";
import { FileTrayView } from "./components/file-tray-view.tsx";
import { Greeting } from "./components/greeting.tsx";
import { Header } from "./components/header.tsx";
import { MessageLog } from "./components/message-log.tsx";
import { PassageDialog } from "./components/passage-dialog.tsx";
import type { FileTray } from "./file-tray.ts";
import type { FrameLink } from "./frame-link.ts";
import type { OutgoingMessage } from "./message-store.ts";
import type { Pictures } from "./pictures.ts";
import type { KeyValueStorage } from "./safe-storage.ts";
import { draftKey } from "./storage-keys.ts";
import { texts } from "./texts.ts";
import { useAbout } from "./use-about.ts";
import { useBackButton } from "./use-back-button.ts";
import { useCloseByEscape } from "./use-close-by-escape.ts";
import { useLargeType } from "./use-large-type.ts";
import { useSubscription } from "./use-subscription.ts";

interface Props {
  readonly session: ChatSession;
  readonly api: ApiClient;
  readonly tray: FileTray;
  readonly pictures: Pictures;
  /** What belongs to the conversation. */
  readonly storage: KeyValueStorage;
  /** What belongs to the phone: type size, hotlines. */
  readonly settings: KeyValueStorage;
  readonly frame: FrameLink | undefined;
}

/** The worker's page. */
export function App({ session, api, tray, pictures, storage, settings, frame }: Props) {
  const chat = useSubscription(session);
  const trayState = useSubscription(tray);
  const [draft, setDraftState] = useState(() => storage.get(draftKey) ?? "");
  const [passage, setPassage] = useState<Citation>();
  const [isLarge, setLarge] = useLargeType(settings);
  const about = useAbout(api, settings);
  const input = useRef<HTMLTextAreaElement>(null);
  const opener = useRef<Element | null>(null);

  const setDraft = (text: string) => {
    setDraftState(text);
    if (text === "") storage.remove(draftKey);
    else storage.set(draftKey, text);
  };
  const send = useCallback((text: string) => session.send(text, tray.take()), [session, tray]);
  const sendText = useCallback((text: string) => session.send(text), [session]);
  const askPerson = () => {
    const isUnderWay = chat.outgoing.some(
      ({ text, unsent }) => text === texts.askPersonMessage && unsent === undefined,
    );
    const last = chat.messages[chat.messages.length - 1];
    const isAsked = last?.sender === "contact" && last.text === texts.askPersonMessage;
    if (!isUnderWay && !isAsked) session.send(texts.askPersonMessage);
  };
  const closePassage = useBackButton(
    passage !== undefined,
    useCallback(() => setPassage(undefined), []),
  );
  // Read when it opens: the part behind the dialog loses the focus as soon as it is inert.
  const openPassage = (citation: Citation) => {
    opener.current = document.activeElement;
    setPassage(citation);
  };
  useEffect(() => {
    if (passage === undefined && opener.current instanceof HTMLElement) opener.current.focus();
  }, [passage]);
  useCloseByEscape(frame, passage === undefined);
  const takeBack = ({ clientId, text, attachments = [] }: OutgoingMessage) => {
    session.discard(clientId);
    tray.putBack(attachments);
    setDraft(draft.trim() === "" ? text : `${draft}\n${text}`);
    input.current?.focus();
  };

  const isEmpty = chat.historyLoaded && chat.messages.length === 0 && chat.outgoing.length === 0;
  return (
    <>
      <div class="app" aria-hidden={passage !== undefined} inert={passage !== undefined}>
        <Header
          about={about}
          isLarge={isLarge}
          onLarge={setLarge}
          onAskPerson={askPerson}
          onClose={frame?.close}
        />
        <MessageLog
          chat={chat}
          phones={about.hotlines.map(({ number }) => number)}
          pictures={pictures}
          greeting={<Greeting about={about} showExamples={isEmpty && !chat.renewed} onExample={sendText} />}
          onQuickReply={sendText}
          onOpenSource={openPassage}
          onRate={(messageId, rating) => session.rate(messageId, rating)}
          onAskPerson={askPerson}
          onResend={(clientId) => session.resend(clientId)}
          onTakeBack={takeBack}
          onDiscard={(clientId) => session.discard(clientId)}
        />
        <div class="foot">
          <ConnectionLine connection={chat.connection} onReconnect={() => session.networkIsBack()} />
          <FileTrayView tray={tray} state={trayState} pictures={pictures} />
          <Composer
            inputRef={input}
            draft={draft}
            limit={about.limits.messageCharacters}
            files={trayState.files}
            onPick={tray.add}
            onDraft={setDraft}
            onSend={send}
          />
          <p class="disclaimer">{texts.disclaimer}</p>
        </div>
      </div>
      {passage !== undefined && <PassageDialog api={api} citation={passage} onClose={closePassage} />}
    </>
  );
}
