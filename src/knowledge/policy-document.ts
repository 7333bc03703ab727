/** What a document is: decides how its parts are weighed and how an answer may quote it. */
export const documentKinds = ["guide", "law", "document", "local"] as const;
export type DocumentKind = (typeof documentKinds)[number];

/**
 * Where a document comes from. `library`: read from the knowledge folder on every reload. `added`: brought by
 * `knowledge add`, kept until removed.
 */
export const documentOrigins = ["library", "added"] as const;
export type DocumentOrigin = (typeof documentOrigins)[number];

/** The rule or report that a statement rests on. Exactly one of `law` and `report` is present. */
export interface Source {
  /** Name of a law or rule without the prefix 中华人民共和国. */
  readonly law?: string;
  /** Document number, such as 法释〔2025〕12号. */
  readonly number?: string;
  /** Articles in Chinese numerals, such as 第八十二条. */
  readonly articles?: readonly string[];
  readonly report?: string;
  readonly publisher?: string;
  /** ISO date, or only its year or year and month: of the version for a law, of publication for a report. */
  readonly date: string;
}

/**
 * One part of a document as the document itself divides it. Sections are consecutive slices
 * `text[start, end)`: put together they are the whole normalised text, to the character.
 */
export interface Section {
  readonly ordinal: number;
  /** Headings from the outermost to the innermost. */
  readonly path: readonly string[];
  /** The part's own number where it has one, such as 第八十二条. */
  readonly label?: string;
  /** 1-based page, for formats that have pages. */
  readonly page?: number;
  readonly start: number;
  readonly end: number;
}

/** A policy document after extraction: the form in which it is stored and from which chunks are cut. */
export interface PolicyDocument {
  /** Stable over versions: a guide's id, else a slug of the title. */
  readonly id: string;
  readonly origin: DocumentOrigin;
  /** File path relative to the folder or archive that it was read from; never a path of the machine. */
  readonly path: string;
  readonly title: string;
  readonly kind: DocumentKind;
  readonly topic?: string;
  /** 全国, or the place that the rule holds for. */
  readonly region: string;
  readonly audience: readonly string[];
  readonly sources: readonly Source[];
  /** ISO dates. In force from `effective` (inclusive) until `repealed` (exclusive). */
  readonly published?: string;
  readonly effective?: string;
  readonly repealed?: string;
  /** Why it is not in force, for the admin. */
  readonly repealedBy?: string;
  readonly verified?: string;
  /** Ways in which workers ask for this document. */
  readonly questions: readonly string[];
  readonly text: string;
  readonly sections: readonly Section[];
  /** SHA-256 over all that the document is made from: another hash is another version. */
  readonly contentHash: string;
  /** What an admin should know: pages without text, a guessed encoding, … */
  readonly warnings: readonly string[];
}
