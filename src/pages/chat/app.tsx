import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { ApiClient } from "./api-client.ts";
import type { Citation } from "./api-types.ts";
import type { ChatSession } from "./chat-session.ts";
import { Composer } from "./components/composer.tsx";
import { ConnectionLine } from "./components/connection-line.tsx";
import { Greeting } from "./components/greeting.tsx";
import { Header } from "./components/header.tsx";
import { MessageLog } from "./components/message-log.tsx";
import { PassageDialog } from "./components/passage-dialog.tsx";
import type { KeyValueStorage } from "./safe-storage.ts";
import { draftKey } from "./storage-keys.ts";
import { texts } from "./texts.ts";
import { useAbout } from "./use-about.ts";
import { useBackButton } from "./use-back-button.ts";
import { useLargeType } from "./use-large-type.ts";

interface Props {
  readonly session: ChatSession;
  readonly api: ApiClient;
  readonly storage: KeyValueStorage;
}

/** The worker's page. */
export function App({ session, api, storage }: Props) {
  const [chat, setChat] = useState(session.state);
  const [draft, setDraftState] = useState(() => storage.get(draftKey) ?? "");
  const [passage, setPassage] = useState<Citation>();
  const [isLarge, setLarge] = useLargeType(storage);
  const about = useAbout(api, storage);
  const input = useRef<HTMLTextAreaElement>(null);
  const opener = useRef<Element | null>(null);

  useEffect(() => {
    const show = () => setChat(session.state());
    // What changed between the first rendering and this effect has called nobody.
    show();
    return session.subscribe(show);
  }, [session]);
  const setDraft = (text: string) => {
    setDraftState(text);
    if (text === "") storage.remove(draftKey);
    else storage.set(draftKey, text);
  };
  const send = useCallback((text: string) => session.send(text), [session]);
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
  const takeBack = (clientId: string, text: string) => {
    session.discard(clientId);
    setDraft(draft.trim() === "" ? text : `${draft}\n${text}`);
    input.current?.focus();
  };

  const isEmpty = chat.historyLoaded && chat.messages.length === 0 && chat.outgoing.length === 0;
  return (
    <>
      <div class="app" aria-hidden={passage !== undefined} inert={passage !== undefined}>
        <Header about={about} isLarge={isLarge} onLarge={setLarge} onAskPerson={askPerson} />
        <MessageLog
          chat={chat}
          phones={about.hotlines.map(({ number }) => number)}
          greeting={<Greeting about={about} showExamples={isEmpty} onExample={send} />}
          onOpenSource={openPassage}
          onRate={(messageId, rating) => session.rate(messageId, rating)}
          onAskPerson={askPerson}
          onResend={(clientId) => session.resend(clientId)}
          onTakeBack={takeBack}
          onDiscard={(clientId) => session.discard(clientId)}
        />
        <div class="foot">
          <ConnectionLine connection={chat.connection} onReconnect={() => session.networkIsBack()} />
          <Composer
            inputRef={input}
            draft={draft}
            limit={about.limits.messageCharacters}
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
