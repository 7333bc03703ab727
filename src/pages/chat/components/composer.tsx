import type { RefObject } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { PickedFile, TrayState } from "../file-tray.ts";
import { texts } from "../texts.ts";
import { AttachButton } from "./attach-button.tsx";

interface Props {
  readonly inputRef: RefObject<HTMLTextAreaElement | null>;
  readonly draft: string;
  /** Most characters of one message. */
  readonly limit: number;
  readonly files: TrayState["files"];
  readonly onPick: (files: readonly PickedFile[]) => void;
  readonly onDraft: (text: string) => void;
  readonly onSend: (text: string) => void;
}

/** The counter appears when so many characters are left. */
const countFrom = 400;
/** The key code of a key that an input method is still working on. */
const composingKeyCode = 229;

/** Where the worker writes. Enter sends, Shift+Enter begins a new line, an input method's Enter only confirms. */
export function Composer({ inputRef, draft, limit, files, onPick, onDraft, onSend }: Props) {
  const left = limit - draft.length;
  const [isWaiting, setWaiting] = useState(false);
  const isUploading = files.some(({ state }) => state === "waiting" || state === "sending");
  const isEmpty = draft.trim() === "" && !files.some(({ state }) => state === "kept");
  useLayoutEffect(() => {
    const input = inputRef.current;
    if (input === null) return;
    input.style.height = "auto";
    input.style.height = `${input.scrollHeight + 2}px`;
  }, [draft, inputRef]);
  const send = () => {
    inputRef.current?.focus();
    setWaiting(isUploading);
    if (isUploading || isEmpty || left < 0) return;
    onSend(draft.trim());
    onDraft("");
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <AttachButton onPick={onPick} />
      <textarea
        ref={inputRef}
        rows={1}
        value={draft}
        aria-label={texts.composer}
        aria-describedby="composer-count"
        aria-invalid={left < 0}
        placeholder={texts.composerPlaceholder}
        enterkeyhint="send"
        autocomplete="off"
        onInput={(event) => onDraft(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey) return;
          if (event.isComposing || event.keyCode === composingKeyCode) return;
          event.preventDefault();
          send();
        }}
      />
      <button type="submit" class="button primary send" aria-disabled={isEmpty || isUploading || left < 0}>
        {texts.send}
      </button>
      <p id="composer-count" class={left < 0 ? "count over" : "count"} role="status">
        {isWaiting && isUploading
          ? texts.waitForFiles
          : left < 0
            ? texts.tooLong(-left)
            : left <= countFrom
              ? texts.remaining(left)
              : ""}
      </p>
    </form>
  );
}
