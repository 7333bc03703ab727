import { AppError } from "../../../errors.ts";

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
/** Deeper than this nothing that WeChat sends is. */
const deepest = 6;
const mostElements = 200;

/**
 * The direct children of `<xml>` with their texts, for the flat documents that WeChat sends. Elements with children of
 * their own are left out. Knows no document types, no attributes and no entities but the five of XML and numbers, so
 * that nothing outside of the text can be reached. Throws `http.bad_request` for anything else.
 */
export function parseFlatXml(text: string): ReadonlyMap<string, string> {
  const reader = new Reader(text);
  reader.blanks();
  reader.take(/<\?xml[^>]{0,200}\?>/y);
  reader.blanks();
  if (reader.open() !== "xml") throw malformed();
  const fields = new Map<string, string>();
  reader.children("xml", 1, (name, value) => {
    if (fields.has(name)) throw malformed();
    fields.set(name, value);
  });
  reader.blanks();
  if (!reader.atEnd) throw malformed();
  return fields;
}

/** A text in a CDATA section, whatever stands in it. */
export function cdata(text: string): string {
  return `<![CDATA[${text.replaceAll("]]>", "]]]]><![CDATA[>")}]]>`;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #elements = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at === this.#text.length;
  }

  take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  blanks(): void {
    this.take(/[ \t\r\n]*/y);
  }

  open(): string | undefined {
    return this.take(/<[A-Za-z_][\w.-]{0,63}>/y)?.slice(1, -1);
  }

  /** Reads up to the end of the element; gives each child that holds nothing but text. */
  children(parent: string, depth: number, give: (name: string, value: string) => void): void {
    for (;;) {
      this.blanks();
      if (this.take(new RegExp(`</${parent.replaceAll(".", "\\.")}>`, "y")) !== undefined) return;
      const name = this.open();
      this.#elements += 1;
      if (name === undefined || depth > deepest || this.#elements > mostElements) throw malformed();
      const value = this.#textOf();
      const end = `</${name}>`;
      if (this.#text.startsWith(end, this.#at)) {
        this.#at += end.length;
        give(name, value);
      } else {
        if (value.trim() !== "") throw malformed();
        this.children(name, depth + 1, () => {});
      }
    }
  }

  /** Characters and CDATA sections up to the next tag. */
  #textOf(): string {
    let value = "";
    for (;;) {
      const section = this.take(/<!\[CDATA\[[\s\S]*?\]\]>/y);
      if (section !== undefined) {
        value += section.slice(9, -3);
        continue;
      }
      const plain = this.take(/[^<&]+/y) ?? this.#entity();
      if (plain === undefined) return value;
      value += plain;
    }
  }

  #entity(): string | undefined {
    const reference = this.take(/&(?:#\d{1,7}|#x[\da-fA-F]{1,6}|[a-z]{2,4});/y)?.slice(1, -1);
    if (reference === undefined) {
      if (this.#text[this.#at] === "&") throw malformed();
      return undefined;
    }
    const point = reference.startsWith("#x")
      ? Number.parseInt(reference.slice(2), 16)
      : Number(reference.slice(1));
    const character = reference.startsWith("#") ? characterOf(point) : named[reference];
    if (character === undefined) throw malformed();
    return character;
  }
}

function characterOf(point: number): string | undefined {
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

function malformed(): AppError {
  return new AppError("http.bad_request", "The body is not the XML that WeChat sends.");
}
