/** An entry with its score, and the weight of the query's terms that it has. */
export interface Scored {
  readonly entry: number;
  readonly score: number;
  readonly matched: number;
}

/**
 * The highest scores so far, in a heap whose root is the worst of them. Entries are offered by ascending number: of
 * equal scores the first stay.
 */
export class BestEntries {
  readonly #limit: number;
  readonly #heap: Scored[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** A score must be above this to be kept; `-Infinity` while there is room. */
  get threshold(): number {
    return this.#heap.length < this.#limit ? Number.NEGATIVE_INFINITY : (this.#heap[0] as Scored).score;
  }

  /** Takes a score above the threshold. */
  offer(entry: number, score: number, matched = 0): void {
    const heap = this.#heap;
    const offered = { entry, score, matched };
    if (heap.length === this.#limit) {
      this.#sink(offered);
      return;
    }
    let place = heap.push(offered) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isWorse(heap[parent] as Scored, offered)) break;
      heap[place] = heap[parent] as Scored;
      place = parent;
    }
    heap[place] = offered;
  }

  /** Best first. Nothing can be offered afterwards. */
  list(): Scored[] {
    return this.#heap.sort((left, right) => (isWorse(left, right) ? 1 : -1));
  }

  /** Puts an entry in the place of the worst one. */
  #sink(offered: Scored): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isWorse(heap[child + 1] as Scored, heap[child] as Scored)) child += 1;
      if (isWorse(offered, heap[child] as Scored)) break;
      heap[place] = heap[child] as Scored;
      place = child;
    }
    heap[place] = offered;
  }
}

const isWorse = (left: Scored, right: Scored) =>
  left.score < right.score || (left.score === right.score && left.entry > right.entry);
