import { useEffect, useRef, useState } from "preact/hooks";
import { type ApiClient, ApiError } from "../api-client.ts";
import type { Citation, Passage } from "../api-types.ts";
import { texts } from "../texts.ts";
import { useFocusTrap } from "../use-focus-trap.ts";
import { PassageText } from "./passage-text.tsx";

interface Props {
  readonly api: ApiClient;
  readonly citation: Citation;
  readonly onClose: () => void;
}

type Loaded = "loading" | "gone" | "failed" | Passage;

/** The passage that an answer rests on, in its document. Focus stays inside; Escape and the backdrop close it. */
export function PassageDialog({ api, citation, onClose }: Props) {
  const [passage, setPassage] = useState<Loaded>("loading");
  const [attempt, setAttempt] = useState(1);
  const dialog = useRef<HTMLDivElement>(null);
  useFocusTrap(dialog, onClose);

  useEffect(() => {
    const abort = new AbortController();
    setPassage("loading");
    api.passage(citation.chunkId, abort.signal).then(setPassage, (error: unknown) => {
      if (abort.signal.aborted) return;
      setPassage(error instanceof ApiError && error.status === 404 ? "gone" : "failed");
    });
    return () => abort.abort();
  }, [api, citation, attempt]);

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a tap beside the dialog closes it, nothing to focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard has Escape and the button
    <div
      class="backdrop"
      onClick={(event) => {
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <div class="dialog" role="dialog" aria-modal="true" aria-labelledby="passage-title" ref={dialog}>
        <div class="dialog-head">
          <h2 id="passage-title">{citation.document}</h2>
          <button type="button" class="button" onClick={onClose}>
            {texts.close}
          </button>
        </div>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long text must scroll by keyboard */}
        <section class="dialog-body" tabIndex={0} aria-labelledby="passage-title">
          {passage === "loading" && <p role="status">{texts.passageLoading}</p>}
          {passage === "gone" && <p role="status">{texts.passageGone}</p>}
          {passage === "failed" && (
            <p role="status">
              {texts.passageFailed}
              <button type="button" class="link" onClick={() => setAttempt(attempt + 1)}>
                {texts.retry}
              </button>
            </p>
          )}
          {typeof passage === "object" && <PassageText passage={passage} quote={citation.quote} />}
        </section>
      </div>
    </div>
  );
}
