import { probabilityOf } from "../../src/answering/abstention/logistic.ts";

/** One example: rows that are present with their values, what it is, and how much it counts. */
export interface Example {
  readonly rows: ArrayLike<number>;
  readonly values: ArrayLike<number>;
  readonly isPositive: boolean;
  readonly weight: number;
}

export interface Fitted {
  readonly bias: number;
  readonly weights: Float64Array;
}

export interface FitOptions {
  readonly rows: number;
  /** Strength of the L2 penalty for each row. */
  readonly penalty: number;
  readonly rounds: number;
}

const rate = 0.5;

/** Logistic regression by stochastic steps (AdaGrad) in a fixed order: the same examples give the same weights. */
export function fitLogistic(examples: readonly Example[], { rows, penalty, rounds }: FitOptions): Fitted {
  const weights = new Float64Array(rows);
  const squares = new Float64Array(rows).fill(1e-8);
  let bias = 0;
  let biasSquares = 1e-8;
  const order = shuffled(examples.length);
  for (let round = 0; round < rounds; round++) {
    for (const place of order) {
      const { rows: present, values, isPositive, weight } = examples[place] as Example;
      const error =
        weight * (probabilityOf(bias + evidenceIn(weights, present, values)) - (isPositive ? 1 : 0));
      biasSquares += error * error;
      bias -= (rate * error) / Math.sqrt(biasSquares);
      for (let index = 0; index < present.length; index++) {
        const row = present[index] as number;
        const step = error * (values[index] as number) + penalty * weight * (weights[row] as number);
        squares[row] = (squares[row] as number) + step * step;
        weights[row] = (weights[row] as number) - (rate * step) / Math.sqrt(squares[row] as number);
      }
    }
  }
  return { bias, weights };
}

export const predict = (
  { bias, weights }: Fitted,
  { rows, values }: Pick<Example, "rows" | "values">,
): number => probabilityOf(bias + evidenceIn(weights, rows, values));

function evidenceIn(weights: Float64Array, rows: ArrayLike<number>, values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < rows.length; index++)
    sum += (weights[rows[index] as number] as number) * (values[index] as number);
  return sum;
}

/** The numbers below `count` in an order that mixes the sources and is always the same. */
function shuffled(count: number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, index) => index);
  let state = 20_240_601;
  for (let last = count - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (last + 1));
    [order[last], order[other]] = [order[other] as number, order[last] as number];
  }
  return order;
}
