/** The part of `window` that may be incomplete. */
interface TaskQueue {
  queueMicrotask?: (task: () => void) => void;
}

/** What the oldest browsers of the build target lack: called before anything is rendered. */
export function fillGaps(target: TaskQueue): void {
  // Preact schedules its work with it; Chrome 70 and Safari 12.0 do not have it.
  if (typeof target.queueMicrotask !== "function") {
    target.queueMicrotask = (task) => {
      Promise.resolve().then(task);
    };
  }
}
