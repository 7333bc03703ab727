import type { ChatSession } from "./chat-session.ts";
import type { FrameLink } from "./frame-link.ts";

/** Follows the conversation while somebody can see it: the page is not hidden, nor the frame in which it stands. */
export function followAttention(
  { document }: Window,
  session: Pick<ChatSession, "start" | "pause">,
  frame: FrameLink | undefined,
): void {
  let isFrameShown = true;
  const follow = () => (document.hidden || !isFrameShown ? session.pause() : session.start());
  document.addEventListener("visibilitychange", follow);
  frame?.onShown((isShown) => {
    isFrameShown = isShown;
    follow();
  });
  follow();
}
