import type { PickedFile } from "../file-tray.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly onPick: (files: readonly PickedFile[]) => void;
}

/** What a phone offers to choose from. Older ones show their camera and their gallery for it. */
const accepted = "image/*,audio/*,.pdf";

/** Chooses files. The field itself is there for the keyboard and for screen readers, its label for the finger. */
export function AttachButton({ onPick }: Props) {
  return (
    <label class="attach">
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d="M4 7h3.5L9 5h6l1.5 2H20v12H4z" />
        <circle cx="12" cy="13" r="3.6" />
      </svg>
      <input
        type="file"
        class="for-readers"
        accept={accepted}
        multiple
        aria-label={texts.addFiles}
        onChange={({ currentTarget }) => {
          onPick(Array.from(currentTarget.files ?? []));
          // Else the same file could not be chosen once more.
          currentTarget.value = "";
        }}
      />
    </label>
  );
}
