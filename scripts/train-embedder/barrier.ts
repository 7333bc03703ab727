/** Where threads wait for each other. `state` is two shared numbers: how many have come, and which round it is. */
export class Barrier {
  readonly #state: Int32Array;
  readonly #threads: number;

  constructor(state: Int32Array, threads: number) {
    this.#state = state;
    this.#threads = threads;
  }

  /** Returns when every thread has called it. */
  wait(): void {
    const round = Atomics.load(this.#state, 1);
    if (Atomics.add(this.#state, 0, 1) === this.#threads - 1) {
      Atomics.store(this.#state, 0, 0);
      Atomics.add(this.#state, 1, 1);
      Atomics.notify(this.#state, 1);
      return;
    }
    while (Atomics.load(this.#state, 1) === round) Atomics.wait(this.#state, 1, round);
  }
}
