import { useLayoutEffect, useState } from "preact/hooks";
import type { KeyValueStorage } from "./safe-storage.ts";
import { largeTypeKey } from "./storage-keys.ts";

/** The large-type switch, remembered on the phone. All sizes of the page follow the root's font size. */
export function useLargeType(storage: KeyValueStorage): [boolean, (isLarge: boolean) => void] {
  const [isLarge, setLarge] = useState(() => storage.get(largeTypeKey) === "yes");
  useLayoutEffect(() => {
    document.documentElement.classList.toggle("large-type", isLarge);
    if (isLarge) storage.set(largeTypeKey, "yes");
    else storage.remove(largeTypeKey);
  }, [isLarge, storage]);
  return [isLarge, setLarge];
}
