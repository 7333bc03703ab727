const meanDecay = 0.9;
const squareDecay = 0.999;

/** Adam (Kingma & Ba 2015) over one array of parameters, which it changes, with a pull of each towards 0. */
export class Adam {
  readonly #parameters: Float64Array;
  readonly #pull: number;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  #steps = 0;

  constructor(parameters: Float64Array, pull: number) {
    this.#parameters = parameters;
    this.#pull = pull;
    this.#means = new Float64Array(parameters.length);
    this.#squares = new Float64Array(parameters.length);
  }

  step(gradient: Float64Array, rate: number): void {
    this.#steps += 1;
    for (let i = 0; i < gradient.length; i++) {
      const slope = (gradient[i] as number) + this.#pull * (this.#parameters[i] as number);
      const mean = meanDecay * (this.#means[i] as number) + (1 - meanDecay) * slope;
      const square = squareDecay * (this.#squares[i] as number) + (1 - squareDecay) * slope * slope;
      this.#means[i] = mean;
      this.#squares[i] = square;
      const step = mean / (1 - meanDecay ** this.#steps);
      const size = Math.sqrt(square / (1 - squareDecay ** this.#steps)) + 1e-8;
      this.#parameters[i] = (this.#parameters[i] as number) - (rate * step) / size;
    }
  }
}
