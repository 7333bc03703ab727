import { AppError } from "../../errors.ts";

/** Characters of a file's name that are kept; its ending stays. */
const longestName = 100;

/** What a name could hide behind: controls, direction marks, invisible marks, and what file systems do not take. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu;

/**
 * The name of an uploaded file from its percent-encoded header: without folders, without marks that make it look
 * like another one. Undefined where nothing of a name is left. Throws `http.bad_request` for a broken encoding.
 */
export function cleanFileName(encoded: string | undefined): string | undefined {
  const base = decode(encoded ?? "")
    .toWellFormed()
    .split(/[/\\]/)
    .at(-1)
    ?.replace(unsafe, "")
    .trim()
    .replace(/^\.+/, "");
  if (base === undefined || base === "") {
    return undefined;
  }
  const characters = [...base];
  if (characters.length <= longestName) {
    return base;
  }
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(base)?.[0] ?? "";
  return characters.slice(0, longestName - ending.length).join("") + ending;
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch (cause) {
    throw new AppError("http.bad_request", "X-File-Name is not percent-encoded UTF-8.", { cause });
  }
}
