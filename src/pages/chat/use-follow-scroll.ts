import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

/** Nearer to the end than this counts as reading the newest. */
const nearEnd = 90;
const marginAbove = 8;

export interface FollowScroll {
  /** Something new stands below the part that is seen. */
  readonly hasUnseen: boolean;
  readonly showNewest: () => void;
}

/**
 * Keeps the newest entry in sight for a reader who is at the end, and leaves alone one who reads further up. An
 * entry taller than the window is shown from its beginning. `ownCount` grows when the reader sends: that always
 * goes to the end.
 */
export function useFollowScroll(
  log: RefObject<HTMLElement | null>,
  newest: string,
  size: number,
  ownCount: number,
): FollowScroll {
  const atEnd = useRef(true);
  const seen = useRef({ newest, ownCount });
  const [hasUnseen, setUnseen] = useState(false);

  const showNewest = () => {
    const element = log.current;
    const last = element?.querySelector<HTMLElement>("[data-entry]:last-of-type");
    if (!element || !last) return;
    const end = element.scrollHeight - element.clientHeight;
    element.scrollTop = Math.min(end, last.offsetTop - marginAbove);
    setUnseen(false);
  };

  useLayoutEffect(() => {
    const isNew = seen.current.newest !== newest;
    const isOwn = ownCount > seen.current.ownCount;
    seen.current = { newest, ownCount };
    const element = log.current;
    if (!element) return;
    if (isOwn || atEnd.current) {
      showNewest();
    } else if (isNew) {
      const last = element.querySelector<HTMLElement>("[data-entry]:last-of-type");
      const isBelow =
        last !== null && last.offsetTop > element.scrollTop + element.clientHeight - marginAbove;
      if (isBelow) setUnseen(true);
    }
  }, [newest, size, ownCount]);

  useEffect(() => {
    const element = log.current;
    if (!element) return;
    const onScroll = () => {
      atEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < nearEnd;
      if (atEnd.current) setUnseen(false);
    };
    // The keyboard comes up, a line appears below, the phone is turned: what was at the end stays there.
    const onResize = () => {
      const hasEntries = element.querySelector("[data-entry]") !== null;
      if (atEnd.current && hasEntries) element.scrollTop = element.scrollHeight;
    };
    element.addEventListener("scroll", onScroll, { passive: true });
    const observer = typeof ResizeObserver === "function" ? new ResizeObserver(onResize) : undefined;
    observer?.observe(element);
    if (observer === undefined) window.addEventListener("resize", onResize);
    return () => {
      element.removeEventListener("scroll", onScroll);
      window.removeEventListener("resize", onResize);
      observer?.disconnect();
    };
  }, [log]);

  return { hasUnseen, showNewest };
}
