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

/** Saturation of term frequency and strength of length normalisation; Robertson & Zaragoza (2009), 3.4. */
const k1 = 1.2;
const b = 0.6;

/**
 * BM25 over an inverted index in typed arrays. The share of a posting in the score is computed when the index is
 * built, so that a query only adds numbers.
 */
export class WordIndex {
  readonly size: number;
  readonly #terms: ReadonlyMap<string, number>;
  /** Start of each term's postings; one longer than the number of terms. */
  readonly #offsets: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #impacts: Float32Array;
  readonly #scores: Float32Array;
  readonly #matched: Float32Array;

  private constructor(
    terms: ReadonlyMap<string, number>,
    offsets: Uint32Array,
    entries: Uint32Array,
    impacts: Float32Array,
    size: number,
  ) {
    this.#terms = terms;
    this.#offsets = offsets;
    this.#entries = entries;
    this.#impacts = impacts;
    this.size = size;
    this.#scores = new Float32Array(size);
    this.#matched = new Float32Array(size);
  }

  /** Builds the index; the position of an entry in `documents` is its number. */
  static build(documents: Iterable<TermWeights>): WordIndex {
    const builder = new WordIndexBuilder();
    for (const document of documents) builder.add(document);
    return builder.build();
  }

  /** Packs postings, each a flat list of entry and frequency, into arrays; the builder's last step. */
  static pack(
    terms: Map<string, number>,
    postings: readonly number[][],
    lengths: readonly number[],
  ): WordIndex {
    const size = lengths.length;
    const average = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, size) || 1;
    const offsets = new Uint32Array(terms.size + 1);
    for (const [id, list] of postings.entries()) offsets[id + 1] = (offsets[id] ?? 0) + list.length / 2;
    const total = offsets[terms.size] ?? 0;
    const entries = new Uint32Array(total);
    const impacts = new Float32Array(total);
    let at = 0;
    for (const list of postings) {
      const found = list.length / 2;
      const idf = Math.log(1 + (size - found + 0.5) / (found + 0.5));
      for (let i = 0; i < list.length; i += 2) {
        const entry = list[i] as number;
        const frequency = list[i + 1] as number;
        const length = lengths[entry] ?? 0;
        entries[at] = entry;
        impacts[at] = (idf * frequency * (k1 + 1)) / (frequency + k1 * (1 - b + (b * length) / average));
        at++;
      }
    }
    return new WordIndex(terms, offsets, entries, impacts, size);
  }

  #idf(id: number | undefined): number {
    const found = id === undefined ? 0 : (this.#offsets[id + 1] as number) - (this.#offsets[id] as number);
    return Math.log(1 + (this.size - found + 0.5) / (found + 0.5));
  }

  /**
   * The best `limit` entries for weighted query terms, best first. Entries that `accept` refuses do not count.
   * A term that no entry has counts in full against everybody's coverage.
   */
  search(query: TermWeights, limit: number, accept: (entry: number) => boolean = () => true): MatchedEntry[] {
    const touched: number[] = [];
    let total = 0;
    for (const [term, weight] of query) {
      const id = this.#terms.get(term);
      const share = weight * this.#idf(id);
      // Words that the lexicon added (weight below 1) may be missing without harm.
      if (weight >= 1) total += share;
      if (id === undefined) continue;
      const end = this.#offsets[id + 1] as number;
      for (let i = this.#offsets[id] as number; i < end; i++) {
        const entry = this.#entries[i] as number;
        if (this.#scores[entry] === 0) touched.push(entry);
        this.#scores[entry] = (this.#scores[entry] as number) + weight * (this.#impacts[i] as number);
        this.#matched[entry] = (this.#matched[entry] as number) + share;
      }
    }
    const best = selectBest(touched, this.#scores, limit, accept).map(({ entry, score }) => ({
      entry,
      score,
      coverage: total === 0 ? 0 : Math.min(1, (this.#matched[entry] as number) / total),
    }));
    for (const entry of touched) {
      this.#scores[entry] = 0;
      this.#matched[entry] = 0;
    }
    return best;
  }

  /** The index as bytes: a length-prefixed JSON header, the terms, then the arrays. */
  serialize(): Uint8Array {
    const terms = Buffer.from([...this.#terms.keys()].join("\n"));
    const header = Buffer.from(
      JSON.stringify({
        size: this.size,
        terms: this.#terms.size,
        termBytes: terms.length,
        postings: this.#entries.length,
      }),
    );
    const start = 4 + header.length + terms.length;
    const padding = (4 - (start % 4)) % 4;
    const arrays = [this.#offsets, this.#entries, this.#impacts].map((array) =>
      Buffer.from(array.buffer, array.byteOffset, array.byteLength),
    );
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE(header.length);
    return Buffer.concat([prefix, header, terms, Buffer.alloc(padding), ...arrays]);
  }

  /** The inverse of `serialize`. Throws on bytes that are cut short. */
  static deserialize(bytes: Uint8Array): WordIndex {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const headerLength = buffer.readUInt32LE(0);
    const header = JSON.parse(buffer.toString("utf8", 4, 4 + headerLength)) as {
      size: number;
      terms: number;
      termBytes: number;
      postings: number;
    };
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
    return new WordIndex(terms, offsets, entries, impacts, header.size);
  }
}

/** Takes entries one after the other, so that no more than the postings stands in memory. */
export class WordIndexBuilder {
  readonly #terms = new Map<string, number>();
  readonly #postings: number[][] = [];
  readonly #lengths: number[] = [];

  add(document: TermWeights): void {
    const entry = this.#lengths.length;
    let length = 0;
    for (const [term, frequency] of document) {
      let id = this.#terms.get(term);
      if (id === undefined) {
        id = this.#terms.size;
        this.#terms.set(term, id);
        this.#postings.push([]);
      }
      this.#postings[id]?.push(entry, frequency);
      length += frequency;
    }
    this.#lengths.push(length);
  }

  build(): WordIndex {
    return WordIndex.pack(this.#terms, this.#postings, this.#lengths);
  }
}

/** The `limit` highest scores by a heap whose root is the worst kept; equal scores go by entry number. */
function selectBest(
  candidates: readonly number[],
  scores: Float32Array,
  limit: number,
  accept: (entry: number) => boolean,
): RankedEntry[] {
  const heap: number[] = [];
  const worse = (left: number, right: number) => {
    const difference = (scores[left] as number) - (scores[right] as number);
    return difference === 0 ? left > right : difference < 0;
  };
  const sink = (from: number) => {
    let parent = from;
    for (;;) {
      let least = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < heap.length && worse(heap[child] as number, heap[least] as number)) least = child;
      }
      if (least === parent) return;
      [heap[parent], heap[least]] = [heap[least] as number, heap[parent] as number];
      parent = least;
    }
  };
  for (const candidate of candidates) {
    if (heap.length === limit && !worse(heap[0] as number, candidate)) continue;
    if (!accept(candidate)) continue;
    if (heap.length < limit) {
      heap.push(candidate);
      if (heap.length === limit) for (let i = limit >> 1; i >= 0; i--) sink(i);
    } else if (limit > 0) {
      heap[0] = candidate;
      sink(0);
    }
  }
  return heap
    .sort((left, right) => (worse(left, right) ? 1 : -1))
    .map((entry) => ({ entry, score: scores[entry] as number }));
}
