import { useState } from "preact/hooks";
import type { About } from "../api-types.ts";
import { texts } from "../texts.ts";
import { HotlineList } from "./hotline-list.tsx";

interface Props {
  readonly about: About;
  readonly isLarge: boolean;
  readonly onLarge: (isLarge: boolean) => void;
  readonly onAskPerson: () => void;
}

/** Who is speaking, that it is a machine, and the ways to a person: always in sight. */
export function Header({ about, isLarge, onLarge, onAskPerson }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <header class="header">
      <div class="header-row">
        <div class="who">
          <h1>{about.assistant}</h1>
          <p>{texts.machine}</p>
        </div>
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
