import { useCallback, useEffect, useRef } from "preact/hooks";

/**
 * Lets the phone's back button close what is open, instead of leaving the page. Opening adds one entry to the
 * history; the returned function closes by going back over it.
 */
export function useBackButton(isOpen: boolean, onClosed: () => void): () => void {
  const canGoBack = useRef(false);
  useEffect(() => {
    if (!isOpen) return;
    canGoBack.current = true;
    history.pushState({ dialog: true }, "");
    window.addEventListener("popstate", onClosed);
    return () => window.removeEventListener("popstate", onClosed);
  }, [isOpen, onClosed]);
  return useCallback(() => {
    // Going back takes a moment: a second call in between would leave the page.
    if (canGoBack.current) history.back();
    canGoBack.current = false;
  }, []);
}
