import type { SharedModel } from "./shared-model.ts";
import { WeightedSum } from "./vector-sums.ts";

/** How slowly the remembered size of a row's gradients fades. */
const memory = 0.99;
const epsilon = 1e-8;
/** Weights of features learn this much faster than the values of rows. */
const weightRate = 3;

/**
 * Changes the rows of the batch that belong to one thread (bucket modulo threads): Adam without momentum, with one
 * second moment a row, which counts the row's own steps, since most rows are seen seldom.
 */
export class RowUpdate {
  readonly #model: SharedModel;
  readonly #rank: number;
  readonly #gradient: WeightedSum;
  /** Chains through the places at which a feature occurs; places count from 1, 0 ends a chain. */
  readonly #heads: Int32Array;
  readonly #next: Int32Array;
  readonly #textOf: Int32Array;

  constructor(model: SharedModel, rank: number) {
    this.#model = model;
    this.#rank = rank;
    this.#gradient = new WeightedSum(model.gradients, model.shape.dimensions);
    this.#heads = new Int32Array(model.weights.length);
    this.#next = new Int32Array(model.features.length + 1);
    this.#textOf = new Int32Array(model.features.length + 1);
  }

  run(): void {
    const { shape, counts } = this.#model;
    for (const feature of this.#chainOwned()) {
      this.#gradient.clear();
      for (let place = this.#heads[feature] as number; place > 0; place = this.#next[place] as number) {
        this.#gradient.add((this.#textOf[place] as number) * shape.dimensions, counts[place - 1] as number);
      }
      this.#heads[feature] = 0;
      this.#change(feature, this.#gradient.total());
    }
  }

  /** This thread's features in the batch, each with its chain of places. */
  #chainOwned(): number[] {
    const { shape, starts, features } = this.#model;
    const owned: number[] = [];
    for (let text = 0; text < starts.length - 1; text++) {
      const end = starts[text + 1] as number;
      for (let i = starts[text] as number; i < end; i++) {
        const feature = features[i] as number;
        if (feature % shape.threads !== this.#rank) continue;
        const before = this.#heads[feature] as number;
        if (before === 0) owned.push(feature);
        this.#next[i + 1] = before;
        this.#textOf[i + 1] = text;
        this.#heads[feature] = i + 1;
      }
    }
    return owned;
  }

  #change(feature: number, sum: Float64Array): void {
    const { rows, weights, rarity, rowSquares, weightSquares, rowSteps, control } = this.#model;
    const rate = control[0] as number;
    const weight = (rarity[feature] as number) * Math.exp(weights[feature] as number);
    const row = feature * sum.length;
    let squares = 0;
    let along = 0;
    for (let d = 0; d < sum.length; d++) {
      const gradient = sum[d] as number;
      squares += gradient * gradient;
      along += gradient * (rows[row + d] as number);
    }
    const step = (rowSteps[feature] as number) + 1;
    const correction = 1 - memory ** step;
    rowSteps[feature] = step;

    const square =
      memory * (rowSquares[feature] as number) + ((1 - memory) * weight * weight * squares) / sum.length;
    rowSquares[feature] = square;
    const factor = (rate * weight) / (Math.sqrt(square / correction) + epsilon);
    for (let d = 0; d < sum.length; d++)
      rows[row + d] = (rows[row + d] as number) - factor * (sum[d] as number);

    const weightGradient = weight * along;
    const weightSquare =
      memory * (weightSquares[feature] as number) + (1 - memory) * weightGradient * weightGradient;
    weightSquares[feature] = weightSquare;
    const change = (weightRate * rate * weightGradient) / (Math.sqrt(weightSquare / correction) + epsilon);
    weights[feature] = (weights[feature] as number) - change;
  }
}
