import { useState } from "preact/hooks";
import type { About } from "../api-types.ts";
import { texts } from "../texts.ts";
import { HotlineList } from "./hotline-list.tsx";

interface Props {
  readonly about: About;
  readonly isLarge: boolean;
  readonly onLarge: (isLarge: boolean) => void;
  readonly onAskPerson: () => void;
  /** Where the page stands in a frame: closes it. */
  readonly onClose: (() => void) | undefined;
}

/** Who is speaking, that it is a machine, and the ways to a person: always in sight. */
export function Header({ about, isLarge, onLarge, onAskPerson, onClose }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header class="header">
      <div class={onClose === undefined ? "header-row" : "header-row framed"}>
        <div class="who">
          <h1>{about.assistant}</h1>
          <p>{texts.machine}</p>
        </div>
        {onClose !== undefined && (
          <button type="button" class="header-close" aria-label={texts.close} onClick={onClose}>
            <span aria-hidden="true">✕</span>
          </button>
        )}
        <div class="header-actions">
          <button type="button" class="button primary" onClick={onAskPerson}>
            {texts.askPerson}
          </button>
          <button
            type="button"
            class="button"
            aria-expanded={isOpen}
            aria-controls="hotlines"
            onClick={() => setOpen(!isOpen)}
          >
            {texts.hotlines}
          </button>
          <button type="button" class="button" aria-pressed={isLarge} onClick={() => onLarge(!isLarge)}>
            {texts.largeType}
          </button>
        </div>
      </div>
      <div id="hotlines" class="hotlines" hidden={!isOpen}>
        <HotlineList hotlines={about.hotlines} />
      </div>
    </header>
  );
}
