import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";

const focusable = "button, a[href], textarea, [tabindex='0']";

/** Keeps the focus inside an open dialog and closes it with Escape. */
export function useFocusTrap(dialog: RefObject<HTMLElement | null>, onClose: () => void): void {
  useEffect(() => {
    const members = () => Array.from(dialog.current?.querySelectorAll<HTMLElement>(focusable) ?? []);
    members()[0]?.focus();
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape") onClose();
      if (event.key !== "Tab") return;
      const all = members();
      const at = all.indexOf(document.activeElement as HTMLElement);
      const next = all[(at + (event.shiftKey ? all.length - 1 : 1)) % all.length];
      event.preventDefault();
      next?.focus();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [dialog, onClose]);
}
