/** Which entries have which terms, and how much a term says of an entry. */
export interface Postings {
  /** Number of entries. */
  readonly size: number;
  readonly averageLength: number;
  /** Place of each term in `offsets`. */
  readonly terms: ReadonlyMap<string, number>;
  /** Start of each term's postings; one longer than the number of terms. */
  readonly offsets: Uint32Array;
  /** Ascending within a term. */
  readonly entries: Uint32Array;
  /** What each posting adds to a score, but for the term's rarity and weight: computed when the index is built. */
  readonly impacts: Float32Array;
  /** Highest impact of each term. */
  readonly highest: Float32Array;
}

/** Saturation of term frequency and strength of length normalisation; Robertson & Zaragoza (2009), 3.4. */
const k1 = 1.2;
const b = 0.6;

/**
 * Weights and impacts are whole multiples of these steps, and their products so few that sums up to 8,192 are exact in
 * 64-bit floats: a score does not depend on the order in which its parts are added, and equal entries tie.
 */
const weightStep = 2 ** -18;
const impactStep = 2 ** -22;

/** A weight on its step; above zero, since every match counts. */
export const quantise = (weight: number) => Math.max(1, Math.round(weight / weightStep)) * weightStep;

/** BM25's idf in the form that is never negative: of a term that `found` of `size` entries have. */
export const rarityOf = (size: number, found: number) => Math.log(1 + (size - found + 0.5) / (found + 0.5));

/** BM25's share of a term's standing in an entry, to be multiplied by its rarity: between 0 and k1 + 1. */
export function impactOf(frequency: number, length: number, averageLength: number): number {
  const norm = frequency + k1 * (1 - b + (b * length) / averageLength);
  return Math.max(1, Math.round((frequency * (k1 + 1)) / norm / impactStep)) * impactStep;
}

/** Highest impact of each term. */
export function highestImpacts(offsets: Uint32Array, impacts: Float32Array): Float32Array {
  const highest = new Float32Array(offsets.length - 1);
  for (let id = 0; id < highest.length; id++) {
    let most = 0;
    const end = offsets[id + 1] as number;
    for (let i = offsets[id] as number; i < end; i++) most = Math.max(most, impacts[i] as number);
    highest[id] = most;
  }
  return highest;
}

interface Header {
  readonly size: number;
  readonly averageLength: number;
  readonly terms: number;
  readonly termBytes: number;
  readonly postings: number;
}

/** Postings as bytes: a length-prefixed JSON header, the terms, then the arrays. */
export function writePostings({
  size,
  averageLength,
  terms,
  offsets,
  entries,
  impacts,
}: Postings): Uint8Array {
  const joined = Buffer.from([...terms.keys()].join("\n"));
  const about: Header = {
    size,
    averageLength,
    terms: terms.size,
    termBytes: joined.length,
    postings: entries.length,
  };
  const header = Buffer.from(JSON.stringify(about));
  const start = 4 + header.length + joined.length;
  const padding = (4 - (start % 4)) % 4;
  const arrays = [offsets, entries, impacts].map((array) =>
    Buffer.from(array.buffer, array.byteOffset, array.byteLength),
  );
  const prefix = Buffer.alloc(4);
  prefix.writeUInt32LE(header.length);
  return Buffer.concat([prefix, header, joined, Buffer.alloc(padding), ...arrays]);
}

/** The inverse of `writePostings`. Throws on bytes that are cut short. */
export function readPostings(bytes: Uint8Array): Postings {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerLength = buffer.readUInt32LE(0);
  const header = JSON.parse(buffer.toString("utf8", 4, 4 + headerLength)) as Header;
  const termsAt = 4 + headerLength;
  let at = termsAt + header.termBytes;
  at += (4 - (at % 4)) % 4;
  if (bytes.byteLength !== at + 4 * (header.terms + 1 + 2 * header.postings))
    throw new Error("word index cut short");
  const terms = new Map<string, number>();
  const joined = buffer.toString("utf8", termsAt, termsAt + header.termBytes);
  for (const [id, term] of (header.terms === 0 ? [] : joined.split("\n")).entries()) terms.set(term, id);
  // A Buffer's own `slice` shares memory at another offset; the arrays need a copy that begins with them.
  const copy = new Uint8Array(bytes.subarray(at)).buffer;
  const offsets = new Uint32Array(copy, 0, header.terms + 1);
  const entries = new Uint32Array(copy, offsets.byteLength, header.postings);
  const impacts = new Float32Array(copy, offsets.byteLength + entries.byteLength, header.postings);
  const { size, averageLength } = header;
  return {
    size,
    averageLength,
    terms,
    offsets,
    entries,
    impacts,
    highest: highestImpacts(offsets, impacts),
  };
}
