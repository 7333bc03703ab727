import { middle, StaticWeights } from "../../src/knowledge/embedding/static-weights.ts";
import type { SharedModel } from "./shared-model.ts";

/** Shares of a row's largest value that are tried as the end of the scale; the one with the least error is kept. */
const clips = [0.55, 0.65, 0.75, 0.85, 1];

/** Folds each feature's weight into its row and packs it into four bits a value. A row never trained becomes zero. */
export function quantise(model: SharedModel): StaticWeights {
  const { rows, weights, rarity, rowSteps } = model;
  const { dimensions } = model.shape;
  const half = dimensions / 2;
  const scales = new Float32Array(weights.length);
  const packed = new Uint8Array(weights.length * half);
  for (let feature = 0; feature < weights.length; feature++) {
    if (rowSteps[feature] === 0) continue;
    const row = rows.subarray(feature * dimensions, (feature + 1) * dimensions);
    const scale = bestScale(row);
    scales[feature] = scale * (rarity[feature] as number) * Math.exp(weights[feature] as number);
    for (let d = 0; d < half; d++) {
      packed[feature * half + d] =
        stepOf(row[d] as number, scale) | (stepOf(row[half + d] as number, scale) << 4);
    }
  }
  return new StaticWeights(dimensions, scales, packed);
}

const stepOf = (value: number, scale: number) =>
  Math.min(15, Math.max(0, Math.round(value / scale + middle)));

function bestScale(row: Float32Array): number {
  let largest = 1e-12;
  for (const value of row) largest = Math.max(largest, Math.abs(value));
  let best = largest / middle;
  let leastError = Number.POSITIVE_INFINITY;
  for (const clip of clips) {
    const scale = (largest * clip) / middle;
    let error = 0;
    for (const value of row) error += (value - (stepOf(value, scale) - middle) * scale) ** 2;
    if (error < leastError) {
      leastError = error;
      best = scale;
    }
  }
  return best;
}
