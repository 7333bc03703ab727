import { useEffect } from "preact/hooks";
import type { FrameLink } from "./frame-link.ts";

/** Escape closes the frame in which the page stands, unless something inside it closes first. */
export function useCloseByEscape(frame: FrameLink | undefined, isAlone: boolean): void {
  useEffect(() => {
    if (frame === undefined || !isAlone) return;
    const onKeyDown = ({ key }: KeyboardEvent) => {
      if (key === "Escape") frame.close();
    };
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, [frame, isAlone]);
}
