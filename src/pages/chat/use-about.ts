import { useEffect, useState } from "preact/hooks";
import type { ApiClient } from "./api-client.ts";
import type { About } from "./api-types.ts";
import type { KeyValueStorage } from "./safe-storage.ts";
import { aboutKey } from "./storage-keys.ts";
import { texts } from "./texts.ts";

const retryMs = 10_000;

const unknownAbout: About = {
  federation: "",
  assistant: texts.defaultAssistant,
  hotlines: [texts.nationalHotline],
  examples: [],
  limits: { messageCharacters: 4000 },
};

/**
 * Who this assistant is and which hotlines there are. The last answer is kept on the phone, so that the hotlines
 * are there when the service is not; asked again until it answers.
 */
export function useAbout(api: ApiClient, storage: KeyValueStorage): About {
  const [about, setAbout] = useState<About>(() => keptAbout(storage));
  useEffect(() => {
    const abort = new AbortController();
    let timer: number | undefined;
    const ask = () => {
      api.about(abort.signal).then(
        (answer) => {
          setAbout(answer);
          storage.set(aboutKey, JSON.stringify(answer));
        },
        () => {
          if (!abort.signal.aborted) timer = window.setTimeout(ask, retryMs);
        },
      );
    };
    ask();
    return () => {
      abort.abort();
      window.clearTimeout(timer);
    };
  }, [api, storage]);
  useEffect(() => {
    document.title = about.federation === "" ? about.assistant : `${about.assistant} · ${about.federation}`;
  }, [about]);
  return about;
}

/** What the service said when it was last asked on this phone. */
export function keptAbout(storage: KeyValueStorage): About {
  try {
    const kept = JSON.parse(storage.get(aboutKey) ?? "null") as Partial<About> | null;
    return kept !== null && Array.isArray(kept.hotlines) ? { ...unknownAbout, ...kept } : unknownAbout;
  } catch {
    return unknownAbout;
  }
}
