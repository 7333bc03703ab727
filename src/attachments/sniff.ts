import type { AttachmentKind } from "../messaging/message.ts";
import { sniffArchive } from "./sniff-archive.ts";
import { sniffText } from "./sniff-text.ts";
import type { SniffedType } from "./sniffed-type.ts";

/** Bytes from the beginning that `sniff` wants; fewer only where the file has no more. */
export const sniffedLength = 65_536;

/** Files with these names start something when they are opened, whatever they hold. */
const harmfulNames =
  /\.(?:exe|com|scr|pif|bat|cmd|ps1|vb[es]|jse?|mjs|ws[fh]|hta|ms[ip]|cpl|dll|sys|jar|apk|dex|lnk|reg|scf|url|website|x?html?|mht(?:ml)?|svgz?|chm|app|command|sh|php|[dp]o[ct]m|xl[st]m|pptm|iqy)$/i;

/** A beginning (at the given place) and what it tells. Latin-1 text stands for bytes. */
type Mark = readonly [start: string, type: string, at?: number];

/** In this order: `#!AMR` would be a script otherwise. */
const marks: readonly Mark[] = [
  ["#!AMR", "audio/amr"],
  ["#!SILK_V3", "audio/silk"],
  ["\u0002#!SILK_V3", "audio/silk"],
  ["MZ", "harmful"],
  ["\u007fELF", "harmful"],
  ["\u00fe\u00ed\u00fa\u00ce", "harmful"],
  ["\u00fe\u00ed\u00fa\u00cf", "harmful"],
  ["\u00ce\u00fa\u00ed\u00fe", "harmful"],
  ["\u00cf\u00fa\u00ed\u00fe", "harmful"],
  ["\u00ca\u00fe\u00ba\u00be", "harmful"],
  ["dex\n", "harmful"],
  ["\u0000asm", "harmful"],
  ["L\u0000\u0000\u0000\u0001\u0014\u0002\u0000", "harmful"],
  ["ITSF", "harmful"],
  // A table of old that can start programs; by its ending it may be a WeChat voice.
  ["ID;P", "harmful"],
  ["MSCF", "harmful"],
  ["!<arch>\n", "harmful"],
  ["\u00ed\u00ab\u00ee\u00db", "harmful"],
  ["FWS", "harmful"],
  ["CWS", "harmful"],
  ["ZWS", "harmful"],
  ["#!", "harmful"],
  ["\u00ff\u00d8\u00ff", "image/jpeg"],
  ["\u0089PNG\r\n\u001a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["WEBP", "image/webp", 8],
  ["WAVE", "audio/wav", 8],
  ["AVI ", "video/x-msvideo", 8],
  ["BM", "image/bmp"],
  ["II*\u0000", "image/tiff"],
  ["MM\u0000*", "image/tiff"],
  ["OggS", "audio/ogg"],
  ["ID3", "audio/mpeg"],
  ["fLaC", "audio/flac"],
  ["caff", "audio/x-caf"],
  ["FORM", "audio/aiff"],
  ["\u001aE\u00df\u00a3", "video/webm"],
  ["FLV\u0001", "video/x-flv"],
  ["\u0000\u0000\u0001\u00ba", "video/mpeg"],
  ["\u0000\u0000\u0001\u00b3", "video/mpeg"],
  ["\u001f\u008b", "application/gzip"],
  ["Rar!\u001a\u0007", "application/vnd.rar"],
  ["7z\u00bc\u00af\u0027\u001c", "application/x-7z-compressed"],
  ["{\\rtf", "application/rtf"],
];

/** Office files of old, which all begin alike: their name tells them apart. */
const compoundFile = "\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1";
const compoundTypes: Readonly<Record<string, string>> = {
  doc: "application/msword",
  wps: "application/msword",
  xls: "application/vnd.ms-excel",
  et: "application/vnd.ms-excel",
  ppt: "application/vnd.ms-powerpoint",
  dps: "application/vnd.ms-powerpoint",
};

/**
 * Tells what a file is by its first bytes, and by its name only where the content leaves it open. A name that
 * starts something when opened is harmful with any content.
 */
export function sniff(bytes: Uint8Array, name = ""): SniffedType {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, sniffedLength));
  if (harmfulNames.test(name.trim())) return "harmful";
  const isBinary = head.subarray(0, 512).includes(0);
  const marked = marks.find(([start, , at]) => startsWith(head, start, at) && (isBinary || !isWord(start)));
  if (marked !== undefined)
    return marked[1] === "harmful" ? "harmful" : { mimeType: refined(marked[1], head) };
  // Mail gateways leave some bytes before the mark, and the format allows it.
  if (head.subarray(0, 1_024).includes("%PDF-")) return { mimeType: "application/pdf" };
  if (startsWith(head, "PK\u0003\u0004") || startsWith(head, "PK\u0005\u0006"))
    return sniffArchive(head, name);
  if (startsWith(head, compoundFile)) return known(compoundTypes[extensionOf(name)]);
  const media = mediaContainer(head) ?? mpegAudio(head);
  return media === undefined ? sniffText(head) : { mimeType: media };
}

/** The type under which a file of this kind is kept; undefined where it is not what its kind says. */
export function typeForKind(kind: AttachmentKind, mimeType: string): string | undefined {
  const family = mimeType.slice(0, mimeType.indexOf("/"));
  switch (kind) {
    case "photo":
      return family === "image" ? mimeType : undefined;
    case "voice":
      // A container that can hold a film holds a voice here.
      if (/^video\/(?:mp4|webm|3gpp|quicktime)$/.test(mimeType)) return mimeType.replace("video", "audio");
      return family === "audio" ? mimeType : undefined;
    case "video":
      return family === "video" || mimeType === "image/gif" ? mimeType : undefined;
    case "sticker":
      return family === "image" || family === "video" || mimeType === "application/gzip"
        ? mimeType
        : undefined;
    case "file":
      return mimeType;
    case "location":
      return undefined;
  }
}

/** A mark that may as well be the first word of a text. */
function isWord(start: string): boolean {
  return /^[A-Za-z]+\d?$/.test(start);
}

function known(mimeType: string | undefined): SniffedType {
  return mimeType === undefined ? "unknown" : { mimeType };
}

function startsWith(head: Buffer, start: string, at = 0): boolean {
  return head.subarray(at, at + start.length).equals(Buffer.from(start, "latin1"));
}

function extensionOf(name: string): string {
  return /\.([a-z0-9]+)$/i.exec(name.trim())?.[1]?.toLowerCase() ?? "";
}

function refined(mimeType: string, head: Buffer): string {
  return mimeType === "audio/ogg" && head.subarray(0, 512).includes("theora") ? "video/ogg" : mimeType;
}

/** Files made of boxes: the brand in the first one tells. */
function mediaContainer(head: Buffer): string | undefined {
  const box = head.toString("latin1", 4, 8);
  if (box === "moov" || box === "mdat" || box === "wide") return "video/quicktime";
  if (box !== "ftyp") return undefined;
  const brand = head.toString("latin1", 8, 12);
  if (/^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand)) return "image/heic";
  if (/^avi[fs]$/.test(brand)) return "image/avif";
  if (/^M4[ABP] $/.test(brand)) return "audio/mp4";
  if (brand === "qt  ") return "video/quicktime";
  return brand.startsWith("3g") ? "video/3gpp" : "video/mp4";
}

/** MP3 and AAC without a header: a frame begins at once. */
function mpegAudio(head: Buffer): string | undefined {
  const [first = 0, second = 0, third = 0] = head;
  if (first !== 0xff) return undefined;
  if ((second & 0xf6) === 0xf0) return "audio/aac";
  const isLayer3 = (second & 0xe6) === 0xe2;
  const isSound = (third & 0xf0) !== 0xf0 && (third & 0x0c) !== 0x0c;
  return isLayer3 && isSound ? "audio/mpeg" : undefined;
}
