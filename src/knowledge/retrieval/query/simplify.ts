import { createRequire } from "node:module";

type Convert = (text: string) => string;

let gb2312: Set<string> | undefined;
let convert: Convert | undefined;

/**
 * Traditional characters to simplified ones. The tables are loaded when a text first holds a character that mainland
 * writing of every day (GB 2312) has not: simplified text costs one look per character.
 */
export function toSimplified(text: string): string {
  gb2312 ??= charactersOfGb2312();
  for (const character of text.match(/\p{Script=Han}/gu) ?? []) {
    if (gb2312.has(character)) continue;
    convert ??= loadConverter();
    return convert(text);
  }
  return text;
}

function loadConverter(): Convert {
  const opencc = createRequire(import.meta.url)("opencc-js/t2cn") as typeof import("opencc-js/t2cn");
  return opencc.Converter({ from: "t", to: "cn" });
}

/** The 6 763 characters of rows 16 to 87 of the code, which the runtime's own decoder knows. */
function charactersOfGb2312(): Set<string> {
  const bytes: number[] = [];
  for (let row = 0xb0; row <= 0xf7; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) bytes.push(row, cell);
  }
  const decoded = new TextDecoder("gbk").decode(Uint8Array.from(bytes));
  return new Set(decoded.match(/\p{Script=Han}/gu));
}
