import { createHash } from "node:crypto";

/** A text that is compared with others. */
export interface ComparedText {
  readonly id: string;
  readonly text: string;
}

export interface Likeness {
  readonly left: string;
  readonly right: string;
  /** Share of what both texts say that the other says too: 1 for the same words, whatever the signs between them. */
  readonly share: number;
}

/** Texts that share this much are taken for one. */
export const nearShare = 0.9;
/** Characters of one shingle. */
const shingle = 4;
/** Shingles of a text's sketch: the estimate is off by about 1 / √sketch. */
const sketch = 160;
/** Two near texts share at least one of so many least hashes, but for one pair in a million. */
const sharedLeast = 16;
/** Where the estimate is below this, the texts themselves are not compared. */
const roughShare = 0.75;
/** Shorter texts are compared by their words alone: a form of two lines resembles every other. */
const fewestShingles = 60;

interface Sketched {
  readonly id: string;
  readonly words: string;
  readonly digest: string;
  /** The least hashes of the shingles, in order. */
  readonly least: Uint32Array;
  readonly shingles: number;
}

/**
 * Pairs of texts that are the same or nearly so, each pair once. Texts are compared by sketches of their shingles
 * (bottom-k MinHash), and only where they are of about the same length and share one of their least hashes; what
 * looks alike is then compared in full. A thousand laws take about a second.
 */
export function nearDuplicates(texts: readonly ComparedText[]): Likeness[] {
  const found: Likeness[] = [];
  const before = new Map<string | number, Sketched[]>();
  for (const text of texts) {
    const own = sketchOf(text);
    if (own.words === "") continue;
    const keys = [own.digest, ...own.least.subarray(0, sharedLeast)];
    for (const other of new Set(keys.flatMap((key) => before.get(key) ?? []))) {
      const share = shareOf(other, own);
      if (share >= nearShare) found.push({ left: other.id, right: own.id, share });
    }
    for (const key of keys) before.set(key, [...(before.get(key) ?? []), own]);
  }
  return found;
}

function sketchOf({ id, text }: ComparedText): Sketched {
  const words = text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{Letter}\p{Number}]/gu, "");
  const hashes = Uint32Array.from(shinglesOf(words)).sort();
  return {
    id,
    words,
    digest: createHash("sha256").update(words).digest("base64"),
    least: hashes.slice(0, sketch),
    shingles: hashes.length,
  };
}

function shareOf(left: Sketched, right: Sketched): number {
  if (left.digest === right.digest) return 1;
  const [fewer, more] = [Math.min(left.shingles, right.shingles), Math.max(left.shingles, right.shingles)];
  // Two texts share at most the shorter one.
  if (fewer < fewestShingles || (2 * fewer) / (fewer + more) < nearShare) return 0;
  if (estimate(left.least, right.least) < roughShare) return 0;
  const own = shinglesOf(left.words);
  const others = shinglesOf(right.words);
  let both = 0;
  for (const hash of own) if (others.has(hash)) both++;
  return (2 * both) / (own.size + others.size);
}

/** The share by the sketches: of the least hashes of both together, those that stand in both. */
function estimate(left: Uint32Array, right: Uint32Array): number {
  let [i, j, both, all] = [0, 0, 0, 0];
  while (all < sketch && i < left.length && j < right.length) {
    const [own, other] = [left[i] as number, right[j] as number];
    if (own === other) both++;
    if (own <= other) i++;
    if (other <= own) j++;
    all++;
  }
  const union = all === 0 ? 0 : both / all;
  return (2 * union) / (1 + union);
}

/** FNV-1a over the code units of every run of `shingle` characters. */
function shinglesOf(words: string): Set<number> {
  const hashes = new Set<number>();
  for (let start = 0; start + shingle <= words.length; start++) {
    let hash = 0x811c9dc5;
    for (let at = start; at < start + shingle; at++)
      hash = Math.imul(hash ^ words.charCodeAt(at), 0x01000193) >>> 0;
    hashes.add(hash);
  }
  return hashes;
}
