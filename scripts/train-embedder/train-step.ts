import { Barrier } from "./barrier.ts";
import type { SharedModel } from "./shared-model.ts";
import { RowUpdate } from "./update-rows.ts";
import { dot, WeightedSum } from "./vector-sums.ts";

/** One over the temperature. */
const sharpness = 14;
/** Gradients of texts that nobody confuses: too small to be worth adding. */
const negligible = 1e-6;

/**
 * Performs one thread's share of a step: in-batch contrast in both directions (each question must find its text among
 * all texts, each text its question among all questions), then the change of the rows. Every number is summed by one
 * thread in a fixed order, so that the result does not depend on the number of threads.
 */
export class TrainStep {
  readonly #model: SharedModel;
  readonly #rank: number;
  readonly #barrier: Barrier;
  readonly #rowSum: WeightedSum;
  readonly #unitSum: WeightedSum;
  readonly #rowUpdate: RowUpdate;

  constructor(model: SharedModel, rank: number) {
    this.#model = model;
    this.#rank = rank;
    this.#barrier = new Barrier(model.barrier, model.shape.threads);
    this.#rowSum = new WeightedSum(model.rows, model.shape.dimensions);
    this.#unitSum = new WeightedSum(model.units, model.shape.dimensions);
    this.#rowUpdate = new RowUpdate(model, rank);
  }

  /** All threads call it after the batch was written; returns when the rows are changed. */
  run(): void {
    this.#barrier.wait();
    this.#embed();
    this.#barrier.wait();
    this.#compareRows();
    this.#barrier.wait();
    this.#sumColumns();
    this.#barrier.wait();
    this.#questionGradients();
    this.#barrier.wait();
    this.#textGradients();
    this.#barrier.wait();
    this.#rowUpdate.run();
    this.#barrier.wait();
  }

  #embed(): void {
    const { shape, weights, rarity, starts, features, counts, units, lengths } = this.#model;
    const { dimensions, threads } = shape;
    for (let text = this.#rank; text < starts.length - 1; text += threads) {
      this.#rowSum.clear();
      const end = starts[text + 1] as number;
      for (let i = starts[text] as number; i < end; i++) {
        const feature = features[i] as number;
        const weight = (rarity[feature] as number) * Math.exp(weights[feature] as number);
        this.#rowSum.add(feature * dimensions, (counts[i] as number) * weight);
      }
      const sum = this.#rowSum.total();
      let squares = 0;
      for (let d = 0; d < dimensions; d++) squares += (sum[d] as number) ** 2;
      const length = Math.sqrt(squares) || 1;
      lengths[text] = length;
      for (let d = 0; d < dimensions; d++) units[text * dimensions + d] = (sum[d] as number) / length;
    }
  }

  /** Similarities of this thread's questions with all texts, as powers of e, and the loss of each row. */
  #compareRows(): void {
    const { shape, units, similarities, rowLosses } = this.#model;
    const { dimensions, pairs, distractors, threads } = shape;
    const columns = pairs + distractors;
    for (let question = this.#rank; question < pairs; question += threads) {
      const at = question * dimensions;
      let sum = 0;
      for (let text = 0; text < columns; text++) {
        // Both are unit vectors: the exponent is at most 14 and no maximum need be subtracted.
        const power = Math.exp(sharpness * dot(units, at, (pairs + text) * dimensions, dimensions));
        similarities[question * columns + text] = power;
        sum += power;
      }
      rowLosses[question] = sum;
    }
  }

  #sumColumns(): void {
    const { shape, similarities, columnSums } = this.#model;
    const { pairs, distractors, threads } = shape;
    const columns = pairs + distractors;
    for (let text = this.#rank; text < columns; text += threads) {
      let sum = 0;
      for (let question = 0; question < pairs; question++)
        sum += similarities[question * columns + text] as number;
      columnSums[text] = sum;
    }
  }

  #questionGradients(): void {
    const { shape, similarities, columnSums, rowLosses } = this.#model;
    const { dimensions, pairs, distractors, threads } = shape;
    const columns = pairs + distractors;
    const scale = sharpness / (2 * pairs);
    for (let question = this.#rank; question < pairs; question += threads) {
      const rowSum = rowLosses[question] as number;
      const own = similarities[question * columns + question] as number;
      rowLosses[question] = (Math.log(rowSum / own) + Math.log((columnSums[question] as number) / own)) / 2;
      this.#unitSum.clear();
      for (let text = 0; text < columns; text++) {
        const place = question * columns + text;
        const power = similarities[place] as number;
        // A distractor is nobody's answer: nothing is asked of its column.
        let share = power / rowSum + (text < pairs ? power / (columnSums[text] as number) : 0);
        if (text === question) share -= 2;
        const gradient = share * scale;
        similarities[place] = gradient;
        if (Math.abs(gradient) > negligible) this.#unitSum.add((pairs + text) * dimensions, gradient);
      }
      this.#throughNormalisation(question);
    }
  }

  #textGradients(): void {
    const { shape, similarities } = this.#model;
    const { dimensions, pairs, distractors, threads } = shape;
    const columns = pairs + distractors;
    for (let text = this.#rank; text < columns; text += threads) {
      this.#unitSum.clear();
      for (let question = 0; question < pairs; question++) {
        const gradient = similarities[question * columns + text] as number;
        if (Math.abs(gradient) > negligible) this.#unitSum.add(question * dimensions, gradient);
      }
      this.#throughNormalisation(pairs + text);
    }
  }

  #throughNormalisation(item: number): void {
    const { shape, units, gradients, lengths } = this.#model;
    const { dimensions } = shape;
    const sum = this.#unitSum.total();
    const at = item * dimensions;
    let along = 0;
    for (let d = 0; d < dimensions; d++) along += (units[at + d] as number) * (sum[d] as number);
    const length = lengths[item] as number;
    for (let d = 0; d < dimensions; d++)
      gradients[at + d] = ((sum[d] as number) - along * (units[at + d] as number)) / length;
  }
}
