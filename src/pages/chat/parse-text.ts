/** A piece of a line. */
export type Inline =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "citation"; readonly index: number }
  | { readonly kind: "phone"; readonly number: string };

export type Line = readonly Inline[];

/** What a message consists of. */
export type Block =
  | { readonly kind: "paragraph"; readonly lines: readonly Line[] }
  | { readonly kind: "head"; readonly line: Line }
  | { readonly kind: "bullets"; readonly items: readonly Line[] }
  | { readonly kind: "steps"; readonly first: number; readonly items: readonly Line[] };

export interface ParseOptions {
  /** Numbers that `[n]` may refer to; any other `[n]` stays text. */
  readonly citations: ReadonlySet<number>;
  /** Telephone numbers that may be tapped. */
  readonly phones: readonly string[];
}

/** A line this short that ends in a colon heads what follows. */
const headLength = 24;
const bullet = /^[·•-] +/;
const step = /^(\d{1,2})\. +/;

/**
 * Reads the plain text of a reply: a blank line separates paragraphs, `· ` begins a bullet, `1. ` a step, a short
 * line ending in `：` is a head. Nothing else has a meaning: markup of any kind is text.
 */
export function parseText(text: string, options: ParseOptions): Block[] {
  const blocks: Block[] = [];
  let isNewParagraph = true;
  for (const raw of text.split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    const last = isNewParagraph ? undefined : blocks[blocks.length - 1];
    isNewParagraph = line === "";
    if (line === "") continue;
    const inline = (content: string) => parseLine(content, options);
    const number = step.exec(line)?.[1];
    if (bullet.test(line)) {
      const item = inline(line.replace(bullet, ""));
      if (last?.kind === "bullets") blocks[blocks.length - 1] = { ...last, items: [...last.items, item] };
      else blocks.push({ kind: "bullets", items: [item] });
    } else if (number !== undefined) {
      const item = inline(line.replace(step, ""));
      if (last?.kind === "steps") blocks[blocks.length - 1] = { ...last, items: [...last.items, item] };
      else blocks.push({ kind: "steps", first: Number(number), items: [item] });
    } else if (/[：:]$/.test(line) && line.length <= headLength) {
      blocks.push({ kind: "head", line: inline(line) });
    } else if (last?.kind === "paragraph") {
      blocks[blocks.length - 1] = { ...last, lines: [...last.lines, inline(line)] };
    } else {
      blocks.push({ kind: "paragraph", lines: [inline(line)] });
    }
  }
  return blocks;
}

function parseLine(line: string, { citations, phones }: ParseOptions): Inline[] {
  const parts: Inline[] = [];
  const add = (text: string) => {
    if (text !== "") parts.push({ kind: "text", text });
  };
  const token = /\[(\d{1,2})\]|\d[\d-]*\d/g;
  let done = 0;
  for (let match = token.exec(line); match !== null; match = token.exec(line)) {
    const [found, citation] = match;
    const end = match.index + found.length;
    if (citation !== undefined && citations.has(Number(citation))) {
      add(line.slice(done, match.index));
      parts.push({ kind: "citation", index: Number(citation) });
    } else if (phones.includes(found) && isDialled(found, line.slice(0, match.index), line.slice(end))) {
      add(line.slice(done, match.index));
      parts.push({ kind: "phone", number: found });
    } else {
      continue;
    }
    done = end;
  }
  add(line.slice(done));
  return parts;
}

/** 110 and 120 are amounts as well as numbers to dial: they need a word that says so, and no unit behind. */
function isDialled(number: string, before: string, after: string): boolean {
  if (/^\s*[.,％%元块万岁天日月年人条号倍级个]/.test(after)) return false;
  return number.length >= 5 || /[打拨叫电报急救][^。；]{0,12}$/.test(before);
}
