import * as styles from "./styles.ts";
import { texts } from "./texts.ts";

/**
 * Shows the worker's page in another site: a round button, and behind it the page in a frame, which is loaded at
 * the first press. Needs one line there: `<script src="https://…/embed.js" data-from="CODE" async></script>`. Sets no
 * cookie, leaves no global name, and does nothing when it is already there.
 */
const element = "niangjia-embed";

/** Screens on which the page takes all of the room. */
const smallScreen = "(max-width: 519px), (max-height: 519px)";

/**
 * Own scripts and storage, the composer's form, and links that dial a hotline. Nothing leads the site itself away.
 */
const sandbox = "allow-scripts allow-same-origin allow-forms allow-top-navigation-to-custom-protocols";

function mount(script: HTMLScriptElement): void {
  if (document.querySelector(element) !== null) return;
  const service = new URL(script.src).origin;
  const host = document.createElement(element);
  host.style.setProperty("all", "initial", "important");
  const root = host.attachShadow({ mode: "open" });

  const button = make("button", styles.button, texts.open);
  button.type = "button";
  const panel = make("div", "display:none");
  panel.setAttribute("role", "dialog");
  panel.setAttribute("aria-label", texts.open);
  const small = matchMedia(smallScreen);
  let frame: HTMLIFrameElement | undefined;
  let isOpen = false;
  /** The site's own setting while it must not scroll behind a page that covers it. */
  let heldOverflow: string | undefined;

  const tell = (what: string) => frame?.contentWindow?.postMessage(`niangjia:${what}`, service);
  const holdSite = (isHeld: boolean) => {
    const { style } = document.documentElement;
    if (isHeld && heldOverflow === undefined) {
      heldOverflow = style.overflow;
      style.overflow = "hidden";
    } else if (!isHeld && heldOverflow !== undefined) {
      style.overflow = heldOverflow;
      heldOverflow = undefined;
    }
  };
  const show = () => {
    panel.style.cssText = `${small.matches ? styles.panelWhole : styles.panelBeside};display:${isOpen ? "flex" : "none"}`;
    panel.setAttribute("aria-modal", String(small.matches));
    button.style.display = isOpen && small.matches ? "none" : "block";
    button.textContent = isOpen ? texts.close : texts.open;
    button.setAttribute("aria-expanded", String(isOpen));
    holdSite(isOpen && small.matches);
    tell(isOpen ? "shown" : "hidden");
  };
  const setOpen = (open: boolean) => {
    if (open === isOpen) return;
    if (open && frame === undefined) frame = openFrame();
    isOpen = open;
    show();
    if (open) frame?.focus();
    else button.focus();
  };

  /** The page, below a line of its own that goes when the page says that it is there. */
  const openFrame = () => {
    const bar = make("div", styles.bar);
    const close = make("button", styles.barClose, texts.close);
    close.type = "button";
    close.addEventListener("click", () => setOpen(false));
    bar.appendChild(make("span", "", texts.opening));
    bar.appendChild(close);
    const created = make("iframe", styles.frame);
    created.setAttribute("sandbox", sandbox);
    created.setAttribute("allow", "");
    created.referrerPolicy = "no-referrer";
    created.title = texts.open;
    created.src = addressOf(service, script);
    window.addEventListener("message", ({ origin, source, data }) => {
      if (origin !== service || source !== created.contentWindow) return;
      if (data === "niangjia:ready") {
        bar.style.display = "none";
        tell(isOpen ? "shown" : "hidden");
      }
      if (data === "niangjia:close") setOpen(false);
    });
    panel.appendChild(bar);
    panel.appendChild(created);
    return created;
  };

  button.addEventListener("click", () => setOpen(!isOpen));
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Escape") setOpen(false);
  });
  // Old browsers know no other way to listen.
  small.addListener(show);
  root.appendChild(panel);
  root.appendChild(button);
  document.body.appendChild(host);
  show();
}

/** The page's address: where it stands, by which door, and who asks. What is secret stays behind the #. */
function addressOf(service: string, { dataset }: HTMLScriptElement): string {
  const from = dataset.from ?? "";
  const identity = dataset.identity ?? "";
  const door = /^[\w-]{1,64}$/.test(from) ? `&from=${from}` : "";
  const who = identity === "" ? "" : `#identity=${encodeURIComponent(identity)}`;
  return `${service}/?embed=${encodeURIComponent(location.origin)}${door}${who}`;
}

function make<K extends keyof HTMLElementTagNameMap>(
  name: K,
  style: string,
  text = "",
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.style.cssText = style;
  made.textContent = text;
  return made;
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && script.src !== "") {
  if (document.body !== null) mount(script);
  else document.addEventListener("DOMContentLoaded", () => mount(script));
}
