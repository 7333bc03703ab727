import type { SniffedType } from "./sniffed-type.ts";

const officeOpen = "application/vnd.openxmlformats-officedocument";

/** By the folder that holds the document, or by the name where that lies beyond the beginning. */
const officeTypes = [
  { folder: "word/", extension: /\.docx$/i, mimeType: `${officeOpen}.wordprocessingml.document` },
  { folder: "xl/", extension: /\.xlsx$/i, mimeType: `${officeOpen}.spreadsheetml.sheet` },
  { folder: "ppt/", extension: /\.pptx$/i, mimeType: `${officeOpen}.presentationml.presentation` },
] as const;

/** Programs for phones and Java, and documents with programs in them. */
const harmfulParts = ["AndroidManifest.xml", "classes.dex", "META-INF/MANIFEST.MF", "vbaProject.bin"];

/** Tells office documents and programs among zip archives by the names of their parts. Nothing is inflated. */
export function sniffArchive(head: Buffer, name: string): SniffedType {
  if (harmfulParts.some((part) => head.includes(part))) return "harmful";
  // OpenDocument files and e-books begin with their type, stored as it is.
  const stated = /^mimetype(?<type>application\/(?:vnd\.oasis\.opendocument\.[a-z]+|epub\+zip))/.exec(
    head.toString("latin1", 30, 120),
  )?.groups?.type;
  if (stated !== undefined) return { mimeType: stated };
  if (!head.includes("[Content_Types].xml")) return { mimeType: "application/zip" };
  const office =
    officeTypes.find(({ folder }) => head.includes(folder)) ??
    officeTypes.find(({ extension }) => extension.test(name));
  return { mimeType: office?.mimeType ?? "application/zip" };
}
