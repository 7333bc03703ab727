import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

interface Props {
  readonly head: string;
  readonly summary: string;
  readonly children: ComponentChildren;
}

/** One line that unfolds: what is behind it, and in small what that names. */
export function FoldedDetails({ head, summary, children }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="details">
      <button type="button" class="fold-row" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span>
          {head}
          {summary !== "" && !isOpen && <small>{summary}</small>}
        </span>
      </button>
      <div class="details-body" hidden={!isOpen} aria-live="off">
        {children}
      </div>
    </div>
  );
}
