import type { Inline, Line } from "./parse-text.ts";

/** Marks that a Chinese line must not begin with. */
const closing = /^[。，、；：！？）》”’]+/;

/**
 * Groups a line so that a source mark stays with the character before it and the punctuation behind it: alone at
 * the beginning of a line it would seem to belong to nothing. Groups of more than one part must not be broken.
 */
export function keepTogether(line: Line): Line[] {
  const groups: Inline[][] = [];
  let open: Inline[] | undefined;
  for (const part of line) {
    if (part.kind === "citation") {
      if (open === undefined) {
        open = takeLastCharacter(groups);
        groups.push(open);
      }
      open.push(part);
      continue;
    }
    let rest = part;
    if (open !== undefined && part.kind === "text") {
      const mark = closing.exec(part.text)?.[0] ?? "";
      if (mark !== "") open.push({ kind: "text", text: mark });
      rest = { kind: "text", text: part.text.slice(mark.length) };
    }
    open = undefined;
    if (rest.kind !== "text" || rest.text !== "") groups.push([rest]);
  }
  return groups;
}

/** Splits the last character off the text that ends the groups. */
function takeLastCharacter(groups: Inline[][]): Inline[] {
  const last = groups[groups.length - 1];
  const part = last?.[0];
  if (last === undefined || last.length !== 1 || part?.kind !== "text") return [];
  const characters = Array.from(part.text);
  const end = characters.pop() ?? "";
  if (characters.length === 0) groups.pop();
  else groups[groups.length - 1] = [{ kind: "text", text: characters.join("") }];
  return [{ kind: "text", text: end }];
}
