import { render } from "preact";
import "./styles/theme.css";
import "./styles/layout.css";
import "./styles/messages.css";
import "./styles/sources.css";
import "./styles/dialog.css";
import "./styles/files.css";
import { createApiClient } from "./api-client.ts";
import { App } from "./app.tsx";
import { createChatSession } from "./chat-session.ts";
import { hideIdentity, readEntry } from "./entry.ts";
import { createFileTray } from "./file-tray.ts";
import { followAttention } from "./follow-attention.ts";
import { createFrameLink } from "./frame-link.ts";
import { followKeyboard } from "./keyboard-height.ts";
import { fillGaps } from "./old-browsers.ts";
import { conversationStorage } from "./own-storage.ts";
import { createPictures } from "./pictures.ts";
import { randomId } from "./random-id.ts";
import { createSafeStorage } from "./safe-storage.ts";
import { createUploadFile } from "./upload-file.ts";
import { keptAbout } from "./use-about.ts";

/** What a file may weigh where the service does not say. */
const largestFile = 20 * 1024 * 1024;

/** The page's composition root: the only place that joins the browser's own objects to the rest. */
function main(container: HTMLElement): void {
  fillGaps(window);
  const entry = readEntry(window.location);
  const storage = conversationStorage(window, entry);
  if (entry.identity !== undefined) hideIdentity(window.history, window.location);
  const settings = createSafeStorage(() => window.localStorage);
  const api = createApiClient({ fetch: window.fetch.bind(window) });
  const newId = () => randomId(window.crypto);
  const session = createChatSession({
    api,
    storage,
    now: () => Date.now(),
    newId,
    random: () => Math.random(),
    visitor: entry,
  });
  const uploadFile = createUploadFile({ createRequest: () => new XMLHttpRequest() });
  const pictures = createPictures({
    fetchFile: (id) => session.asVisitor((token) => api.file(token, id)),
    urls: URL,
  });
  const tray = createFileTray({
    upload: (file, onProgress, signal) =>
      session.asVisitor((token) => uploadFile(token, file, onProgress, signal)),
    storage,
    pictures,
    newId,
    largest: () => keptAbout(settings).limits.fileBytes ?? largestFile,
  });
  const frame = createFrameLink(window, entry.embedOrigin);
  followKeyboard(window);
  followAttention(window, session, frame);
  window.addEventListener("online", () => session.networkIsBack());
  container.textContent = "";
  render(
    <App
      session={session}
      api={api}
      tray={tray}
      pictures={pictures}
      storage={storage}
      settings={settings}
      frame={frame}
    />,
    container,
  );
  frame?.ready();
}

const container = document.getElementById("app");
if (container !== null) main(container);
