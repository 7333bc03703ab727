import { searchBest } from "./words/max-score.ts";
import {
  highestImpacts,
  impactOf,
  type Postings,
  quantise,
  rarityOf,
  readPostings,
  writePostings,
} from "./words/postings.ts";

/** Weighted terms of one entry: how often a term stands there, counted with the weight of its field. */
export type TermWeights = ReadonlyMap<string, number>;

export interface RankedEntry {
  readonly entry: number;
  readonly score: number;
}

export interface MatchedEntry extends RankedEntry {
  /** Which share of the query's weight, rare terms counting more, this entry contains: 0 to 1. */
  readonly coverage: number;
}

/** The best entries for words. The position at which an entry was added is its number. */
export interface WordIndex {
  readonly size: number;
  /**
   * The best `limit` entries for weighted query terms, best first, equal ones by number. Entries that `accept` refuses
   * do not count. A term that no entry has counts in full against everybody's coverage.
   */
  search(query: TermWeights, limit: number, accept?: (entry: number) => boolean): MatchedEntry[];
  /** Every term with the number of entries that have it, in no order. */
  terms(): Iterable<readonly [term: string, entries: number]>;
}

/** The collection by whose rarities scores and coverage are measured. */
export interface Whole {
  readonly size: number;
  /** How many of its entries have a term. */
  found(term: string): number;
}

/** BM25 over an inverted index in typed arrays. */
export class PackedWordIndex implements WordIndex, Whole {
  readonly #postings: Postings;

  constructor(postings: Postings) {
    this.#postings = postings;
  }

  /** Builds the index; the position of an entry in `documents` is its number. */
  static build(documents: Iterable<TermWeights>): PackedWordIndex {
    const builder = new WordIndexBuilder();
    for (const document of documents) builder.add(document);
    return builder.build();
  }

  get size(): number {
    return this.#postings.size;
  }

  /** Mean length of an entry: the sum of its terms' weights. */
  get averageLength(): number {
    return this.#postings.averageLength;
  }

  /** How many entries have the term. */
  found(term: string): number {
    const id = this.#postings.terms.get(term);
    return id === undefined ? 0 : this.#foundById(id);
  }

  /** How many of the entries that have the term are accepted. */
  foundAmong(term: string, accept: (entry: number) => boolean): number {
    const { terms, offsets, entries } = this.#postings;
    const id = terms.get(term);
    if (id === undefined) return 0;
    let found = 0;
    const end = offsets[id + 1] as number;
    for (let i = offsets[id] as number; i < end; i++) if (accept(entries[i] as number)) found += 1;
    return found;
  }

  *terms(): Iterable<readonly [term: string, entries: number]> {
    for (const [term, id] of this.#postings.terms) yield [term, this.#foundById(id)];
  }

  /** With `whole`, rarities are those of a collection of which this index is a part. */
  search(
    query: TermWeights,
    limit: number,
    accept?: (entry: number) => boolean,
    whole: Whole = this,
  ): MatchedEntry[] {
    const { terms, offsets, highest } = this.#postings;
    const asked = [];
    let total = 0;
    for (const [term, asSaid] of query) {
      const id = terms.get(term);
      const weight = quantise(asSaid * rarityOf(whole.size, whole.found(term)));
      // Words that the lexicon added (weight below 1) may be missing without harm.
      if (asSaid >= 1) total += weight;
      if (id === undefined) continue;
      const bound = weight * (highest[id] as number);
      asked.push({ start: offsets[id] as number, end: offsets[id + 1] as number, weight, bound });
    }
    return searchBest(this.#postings, asked, limit, accept).map(({ entry, score, matched }) => ({
      entry,
      score,
      coverage: total === 0 ? 0 : Math.min(1, matched / total),
    }));
  }

  /** The index as bytes, for `deserialize`. */
  serialize(): Uint8Array {
    return writePostings(this.#postings);
  }

  /** Throws on bytes that are cut short. */
  static deserialize(bytes: Uint8Array): PackedWordIndex {
    return new PackedWordIndex(readPostings(bytes));
  }

  #foundById(id: number): number {
    return (this.#postings.offsets[id + 1] as number) - (this.#postings.offsets[id] as number);
  }
}

const blockSize = 65_536;

interface Block {
  readonly terms: Uint32Array;
  readonly frequencies: Float32Array;
}

/**
 * Takes entries one after the other. What was taken stands in blocks of eight bytes a posting, which the packed index
 * replaces.
 */
export class WordIndexBuilder {
  readonly #terms = new Map<string, number>();
  /** How many entries have each term. */
  readonly #found: number[] = [];
  readonly #blocks: Block[] = [];
  #postings = 0;
  /** Terms of each entry, and its length. */
  readonly #counts: number[] = [];
  readonly #lengths: number[] = [];

  add(document: TermWeights): void {
    let length = 0;
    for (const [term, frequency] of document) {
      let id = this.#terms.get(term);
      if (id === undefined) {
        id = this.#terms.size;
        this.#terms.set(term, id);
        this.#found.push(0);
      }
      this.#found[id] = (this.#found[id] as number) + 1;
      const at = this.#postings % blockSize;
      if (at === 0)
        this.#blocks.push({ terms: new Uint32Array(blockSize), frequencies: new Float32Array(blockSize) });
      const { terms, frequencies } = this.#blocks.at(-1) as Block;
      terms[at] = id;
      frequencies[at] = frequency;
      this.#postings += 1;
      length += frequency;
    }
    this.#counts.push(document.size);
    this.#lengths.push(length);
  }

  /** Packs what was added. `averageLength` is that of the collection which the entries are a part of; default: theirs. */
  build(averageLength = this.#averageLength()): PackedWordIndex {
    const offsets = new Uint32Array(this.#terms.size + 1);
    for (const [id, found] of this.#found.entries()) offsets[id + 1] = (offsets[id] as number) + found;
    const entries = new Uint32Array(this.#postings);
    const impacts = new Float32Array(this.#postings);
    const next = offsets.slice();
    let read = 0;
    for (const [entry, count] of this.#counts.entries()) {
      const length = this.#lengths[entry] as number;
      for (const end = read + count; read < end; read++) {
        const block = this.#blocks[Math.floor(read / blockSize)] as Block;
        const id = block.terms[read % blockSize] as number;
        const frequency = block.frequencies[read % blockSize] as number;
        const at = next[id] as number;
        next[id] = at + 1;
        entries[at] = entry;
        impacts[at] = impactOf(frequency, length, averageLength);
      }
    }
    const highest = highestImpacts(offsets, impacts);
    const size = this.#counts.length;
    return new PackedWordIndex({
      size,
      averageLength,
      terms: this.#terms,
      offsets,
      entries,
      impacts,
      highest,
    });
  }

  #averageLength(): number {
    const sum = this.#lengths.reduce((all, length) => all + length, 0);
    return sum / Math.max(1, this.#lengths.length) || 1;
  }
}
