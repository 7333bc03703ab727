import { refuseDocument } from "./refuse-document.ts";
import { unreadableShare } from "./text-quality.ts";

/** More than this share of unreadable characters, and the bytes are not a text. */
const maxUnreadable = 0.02;

export interface DecodedText {
  readonly text: string;
  readonly warnings: readonly string[];
}

/**
 * Decodes a text file of unknown encoding without ever guessing silently: a byte order mark decides, else strict
 * UTF-8, else strict GB18030 (which covers GBK and GB2312) with a warning, if the outcome looks like Chinese text.
 *
 * @throws AppError `knowledge.document_refused` for anything else; no character is replaced to make it fit.
 */
export function decodeText(bytes: Uint8Array, name: string): DecodedText {
  const decoded = decodeByMark(bytes, name) ?? decodeUtf8(bytes) ?? decodeGb18030(bytes);
  if (decoded === undefined) {
    throw refuseDocument(
      name,
      "broken_encoding",
      "文字编码无法识别或已损坏，请用编辑器另存为 UTF-8 后重新上传",
    );
  }
  if (unreadableShare(decoded.text) > maxUnreadable) {
    throw refuseDocument(name, "binary", "文件里大量内容不是文字（乱码或二进制），请检查文件后重新上传");
  }
  return decoded;
}

function decodeByMark(bytes: Uint8Array, name: string): DecodedText | undefined {
  const [first, second, third] = bytes;
  const encoding =
    first === 0xef && second === 0xbb && third === 0xbf
      ? "utf-8"
      : first === 0xff && second === 0xfe
        ? "utf-16le"
        : first === 0xfe && second === 0xff
          ? "utf-16be"
          : undefined;
  if (encoding === undefined) return undefined;
  const text = decodeStrictly(bytes, encoding);
  if (text === undefined) {
    const label = encoding.toUpperCase();
    throw refuseDocument(name, "broken_encoding", `文件标明是 ${label} 编码，但内容已损坏，请重新导出后上传`);
  }
  return { text, warnings: [] };
}

function decodeUtf8(bytes: Uint8Array): DecodedText | undefined {
  const text = decodeStrictly(bytes, "utf-8");
  return text === undefined ? undefined : { text, warnings: [] };
}

function decodeGb18030(bytes: Uint8Array): DecodedText | undefined {
  if (!looksLikeGbText(bytes)) return undefined;
  const text = decodeStrictly(bytes, "gb18030");
  if (text === undefined || !hasCommonCharacters(text)) return undefined;
  return { text, warnings: ["按 GB18030 读取，请抽查文字是否正确"] };
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/**
 * In Chinese text nearly all double-byte characters are punctuation (rows A1–A3 of GB 2312) or its first level of
 * 3 755 common characters (rows B0–D7). Other encodings read as GB18030 spread over the rare rows.
 */
function looksLikeGbText(bytes: Uint8Array): boolean {
  let wide = 0;
  let common = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const lead = bytes[at] ?? 0;
    if (lead < 0x80) continue;
    at += 1;
    const trail = bytes[at] ?? 0;
    wide += 1;
    if (trail >= 0xa1 && ((lead >= 0xa1 && lead <= 0xa3) || (lead >= 0xb0 && lead <= 0xd7))) common += 1;
  }
  return wide > 0 && common / wide >= 0.75;
}

/** The commonest characters of Chinese prose and law; together they make far more than a twentieth of any text. */
const commonCharacters = new Set(
  "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者由由工会员单位劳合保第条规定应当",
);

/** Korean or Cyrillic bytes pass the row test; their outcome lacks the words that every Chinese text is made of. */
function hasCommonCharacters(text: string): boolean {
  const han = text.match(/\p{Script=Han}/gu) ?? [];
  if (han.length < 50) return true;
  return han.filter((character) => commonCharacters.has(character)).length / han.length >= 0.08;
}
