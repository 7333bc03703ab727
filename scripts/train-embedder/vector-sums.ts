/** The scalar product of two stretches of one array; `dimensions` is a multiple of 4. */
export function dot(values: Float32Array, left: number, right: number, dimensions: number): number {
  let first = 0;
  let second = 0;
  let third = 0;
  let fourth = 0;
  for (let d = 0; d < dimensions; d += 4) {
    first += (values[left + d] as number) * (values[right + d] as number);
    second += (values[left + d + 1] as number) * (values[right + d + 1] as number);
    third += (values[left + d + 2] as number) * (values[right + d + 2] as number);
    fourth += (values[left + d + 3] as number) * (values[right + d + 3] as number);
  }
  return first + second + third + fourth;
}

/** Collects weighted stretches of one array and adds them up four at a time, which halves the work of one at a time. */
export class WeightedSum {
  readonly #total: Float64Array;
  readonly #source: Float32Array;
  readonly #starts = [0, 0, 0, 0];
  readonly #factors = [0, 0, 0, 0];
  #waiting = 0;

  constructor(source: Float32Array, dimensions: number) {
    this.#source = source;
    this.#total = new Float64Array(dimensions);
  }

  add(start: number, factor: number): void {
    this.#starts[this.#waiting] = start;
    this.#factors[this.#waiting] = factor;
    this.#waiting++;
    if (this.#waiting === 4) this.#addWaiting();
  }

  /** The sum so far; the next one starts at zero with `clear`. */
  total(): Float64Array {
    if (this.#waiting > 0) {
      this.#factors.fill(0, this.#waiting);
      this.#addWaiting();
    }
    return this.#total;
  }

  clear(): void {
    this.#total.fill(0);
    this.#waiting = 0;
  }

  #addWaiting(): void {
    const source = this.#source;
    const total = this.#total;
    const [a, b, c, e] = this.#starts as [number, number, number, number];
    const [fa, fb, fc, fe] = this.#factors as [number, number, number, number];
    for (let d = 0; d < total.length; d++) {
      total[d] =
        (total[d] as number) +
        fa * (source[a + d] as number) +
        fb * (source[b + d] as number) +
        fc * (source[c + d] as number) +
        fe * (source[e + d] as number);
    }
    this.#waiting = 0;
  }
}
