import { decodeText } from "./decode-text.ts";
import type { FormatReader } from "./document-format.ts";
import { normaliseText } from "./normalise-text.ts";

/** Plain text: decoded and normalised, nothing else. */
export const textFormat: FormatReader = {
  format: "text",
  async read(file) {
    const { text, warnings } = decodeText(file.bytes, file.name);
    return { text: normaliseText(text), warnings };
  },
};
