/** What the page says to the site around it, and hears from it. Both ways carry no more than what is done. */
export interface FrameLink {
  /** The page is there. */
  ready(): void;
  /** The visitor wants to close it. */
  close(): void;
  /** Calls back when the site shows or hides the frame: a hidden one is nobody reading. */
  onShown(listener: (isShown: boolean) => void): void;
}

/** The part of `window` that is used. */
interface FrameWindow {
  readonly parent: { postMessage(message: string, targetOrigin: string): void };
  addEventListener(type: "message", listener: (event: HeardMessage) => void): void;
}

interface HeardMessage {
  readonly origin: string;
  readonly source: unknown;
  readonly data: unknown;
}

const prefix = "niangjia:";

/** The link to the site around the page; undefined where the page stands alone. Only that site's origin counts. */
export function createFrameLink(window: FrameWindow, embedOrigin: string | undefined): FrameLink | undefined {
  const { parent } = window;
  const isAlone: boolean = (parent as unknown) === window;
  if (isAlone || embedOrigin === undefined) return undefined;
  const tell = (what: string) => parent.postMessage(prefix + what, embedOrigin);
  return {
    ready: () => tell("ready"),
    close: () => tell("close"),
    onShown(listener) {
      window.addEventListener("message", ({ origin, source, data }) => {
        if (origin !== embedOrigin || source !== parent) return;
        if (data === `${prefix}shown`) listener(true);
        if (data === `${prefix}hidden`) listener(false);
      });
    },
  };
}
