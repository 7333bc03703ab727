import type { Attachment } from "./api-types.ts";
import { texts } from "./texts.ts";

/** How a file is called: by its own name where that says more than what kind it is. */
export function fileLabel({ kind, name = "" }: Pick<Attachment, "kind" | "name">): string {
  return kind === "photo" || name === "" ? texts[kind] : name;
}

/** Its size in words; nothing where it is not known. */
export function fileSize({ size = 0 }: Pick<Attachment, "size">): string {
  if (size === 0) return "";
  const megabytes = size / 1024 / 1024;
  return megabytes < 0.1 ? `${Math.ceil(size / 1024)}KB` : `${megabytes.toFixed(1)}MB`;
}

/** A few letters for what it is: the ending of its name, or its kind. */
export function fileEnding({ kind, name = "" }: Pick<Attachment, "kind" | "name">): string {
  return /\.([A-Za-z0-9]{1,4})$/.exec(name)?.[1]?.toUpperCase() ?? texts[kind];
}
