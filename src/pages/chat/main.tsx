import { render } from "preact";
import "./styles/theme.css";
import "./styles/layout.css";
import "./styles/messages.css";
import "./styles/sources.css";
import "./styles/dialog.css";
import { createApiClient } from "./api-client.ts";
import { App } from "./app.tsx";
import { createChatSession } from "./chat-session.ts";
import { followKeyboard } from "./keyboard-height.ts";
import { fillGaps } from "./old-browsers.ts";
import { randomId } from "./random-id.ts";
import { createSafeStorage } from "./safe-storage.ts";

/** The page's composition root: the only place that joins the browser's own objects to the rest. */
function main(container: HTMLElement): void {
  fillGaps(window);
  const storage = createSafeStorage(() => window.localStorage);
  const api = createApiClient({ fetch: window.fetch.bind(window) });
  const session = createChatSession({
    api,
    storage,
    now: () => Date.now(),
    newId: () => randomId(window.crypto),
    random: () => Math.random(),
  });
  followKeyboard(window);
  const followVisibility = () => (document.hidden ? session.pause() : session.start());
  document.addEventListener("visibilitychange", followVisibility);
  window.addEventListener("online", () => session.networkIsBack());
  container.textContent = "";
  render(<App session={session} api={api} storage={storage} />, container);
  followVisibility();
}

const container = document.getElementById("app");
if (container !== null) main(container);
