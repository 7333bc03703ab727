/** Number of rows of the embedder's table. */
export const tableRows = 131_072;
/** A feature may stand in two groups of this many rows. */
const groupRows = 4;
const groups = tableRows / groupRows;
/** How many features may be moved to make place for one. */
const mostMoves = 500;

/**
 * Which row of the table belongs to which feature: a cuckoo filter. Each row remembers sixteen bits of its feature's
 * hash, so that a feature nobody learned is left out and does not borrow another's row; about one such feature in
 * eight thousand still does.
 */
export class FeatureDirectory {
  readonly marks: Uint16Array;

  /** `marks`: the mark of each row's feature, 0 where the row is free. */
  constructor(marks: Uint16Array = new Uint16Array(tableRows)) {
    this.marks = marks;
  }

  /** Rows for as many of these features as find a place, the first ones first. */
  static of(features: Iterable<number>): FeatureDirectory {
    const directory = new FeatureDirectory();
    for (const feature of features) directory.#add(feature);
    return directory;
  }

  /** The row of a feature; -1 where it has none. */
  rowOf(feature: number): number {
    const mark = markOf(feature);
    const group = groupOf(feature);
    const row = this.#find(group, mark);
    return row < 0 ? this.#find(otherGroup(group, mark), mark) : row;
  }

  /** The rows of the features that have one, with repeats. */
  rowsOf(features: readonly number[]): number[] {
    const rows: number[] = [];
    for (const feature of features) {
      const row = this.rowOf(feature);
      if (row >= 0) rows.push(row);
    }
    return rows;
  }

  #add(feature: number): void {
    if (this.rowOf(feature) >= 0) return;
    let mark = markOf(feature);
    let group = groupOf(feature);
    const moved: number[] = [];
    for (let move = 0; move < mostMoves; move++) {
      for (const place of [group, otherGroup(group, mark)]) {
        const free = this.#find(place, 0);
        if (free < 0) continue;
        this.marks[free] = mark;
        return;
      }
      group = otherGroup(group, mark);
      const row = group * groupRows + (move % groupRows);
      const former = this.marks[row] as number;
      this.marks[row] = mark;
      moved.push(row, former);
      mark = former;
    }
    // No place: everything stands again where it stood.
    for (let i = moved.length - 2; i >= 0; i -= 2) this.marks[moved[i] as number] = moved[i + 1] as number;
  }

  #find(group: number, mark: number): number {
    const first = group * groupRows;
    for (let row = first; row < first + groupRows; row++) if (this.marks[row] === mark) return row;
    return -1;
  }
}

const groupOf = (feature: number) => feature % groups;
const markOf = (feature: number) => feature >>> 16 || 1;
/** The inverse of itself: from either group of a feature to the other. */
const otherGroup = (group: number, mark: number) => group ^ (Math.imul(mark, 0x5bd1e995) >>> 17);
