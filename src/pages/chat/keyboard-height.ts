/** A part of the window this high that is covered is the on-screen keyboard. */
const keyboardAtLeast = 120;

/**
 * Keeps the composer above the on-screen keyboard where the browser lays the keyboard over the page instead of
 * making the page smaller (Safari). Sets `--visible-height` and the class `keyboard` on the root element.
 */
export function followKeyboard(window: Window): void {
  const viewport = window.visualViewport;
  if (!viewport) return;
  const root = window.document.documentElement;
  const update = () => {
    const covered = window.innerHeight - viewport.height;
    // Zooming with two fingers makes the viewport smaller too.
    const hasKeyboard = covered >= keyboardAtLeast && Math.abs(viewport.scale - 1) < 0.05;
    root.classList.toggle("keyboard", hasKeyboard);
    if (hasKeyboard) {
      root.style.setProperty("--visible-height", `${viewport.height}px`);
      window.scrollTo(0, 0);
    } else {
      root.style.removeProperty("--visible-height");
    }
  };
  viewport.addEventListener("resize", update);
}
