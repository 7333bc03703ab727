import { mkdtempSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterAll, describe, expect, it } from "vitest";
import { quantise } from "../../../../scripts/train-embedder/quantise.ts";
import { Random } from "../../../../scripts/train-embedder/random.ts";
import {
  checkSettings,
  createSharedModel,
  initialise,
  loadCheckpoint,
  type SharedModel,
  saveCheckpoint,
} from "../../../../scripts/train-embedder/shared-model.ts";
import { TrainStep } from "../../../../scripts/train-embedder/train-step.ts";
import { featureBuckets } from "../../../../src/knowledge/embedding/text-features.ts";

const folder = mkdtempSync(join(tmpdir(), "training-"));
afterAll(() => rmSync(folder, { recursive: true }));

const pairs = 8;
const distractors = 2;
const featuresOfText = 6;

/** A model with one batch: no question shares a feature with its text. */
function withBatch(threads = 1): SharedModel {
  const model = createSharedModel({ dimensions: 8, pairs, distractors, threads });
  initialise(model, new Float32Array(featureBuckets).fill(1), 3);
  model.control[0] = 0.02;
  const random = new Random(5);
  let end = 0;
  for (let text = 0; text < 2 * pairs + distractors; text++) {
    for (let i = 0; i < featuresOfText; i++) {
      model.features[end] = text * 1000 + random.below(1000);
      model.counts[end] = 1 + random.below(2);
      end++;
    }
    model.starts[text + 1] = end;
  }
  return model;
}

const lossOf = (model: SharedModel) => model.rowLosses.reduce((sum, loss) => sum + loss, 0) / pairs;

function train(model: SharedModel, steps: number): void {
  const step = new TrainStep(model, 0);
  for (let i = 0; i < steps; i++) step.run();
}

function cosine(left: Float32Array, right: Float32Array): number {
  return left.reduce((sum, value, d) => sum + value * (right[d] as number), 0);
}

describe("a training step", () => {
  it("brings each question nearest to its own text", () => {
    const model = withBatch();
    train(model, 1);
    const before = lossOf(model);
    train(model, 150);
    expect(lossOf(model)).toBeLessThan(before / 4);

    const weights = quantise(model);
    const vectors = Array.from({ length: 2 * pairs + distractors }, (_, text) =>
      weights.vectorOf(model.features.slice(model.starts[text], model.starts[text + 1])),
    );
    for (let question = 0; question < pairs; question++) {
      const near = vectors.slice(pairs).map((text) => cosine(vectors[question] as Float32Array, text));
      expect(near.indexOf(Math.max(...near))).toBe(question);
    }
  });

  it("goes down the slope of the loss that it reports", () => {
    const model = withBatch();
    model.control[0] = 0;
    const feature = model.features[0] as number;
    const lossWith = (change: number, d: number) => {
      const row = feature * 8 + d;
      const former = model.rows[row] as number;
      model.rows[row] = former + change;
      train(model, 1);
      model.rows[row] = former;
      return lossOf(model);
    };
    const slopes = Array.from({ length: 8 }, (_, d) => (lossWith(0.01, d) - lossWith(-0.01, d)) / 0.02);
    train(model, 1);
    const before = model.rows.slice(feature * 8, feature * 8 + 8);
    model.control[0] = 0.001;
    train(model, 1);
    const moved = before.map((value, d) => (model.rows[feature * 8 + d] as number) - value);
    const along = moved.reduce((sum, move, d) => sum + move * (slopes[d] as number), 0);
    expect(along / (Math.hypot(...moved) * Math.hypot(...slopes))).toBeLessThan(-0.99);
  });

  it("gives the same rows with two threads as with one", async () => {
    const alone = withBatch();
    train(alone, 5);
    const shared = withBatch(2);
    const worker = new Worker(
      new URL("../../../../scripts/train-embedder/train-worker.ts", import.meta.url),
      { workerData: { model: shared, rank: 1 } },
    );
    await new Promise((resolve) => worker.once("online", resolve));
    train(shared, 5);
    await worker.terminate();
    expect(Buffer.from(shared.rows.buffer).equals(Buffer.from(alone.rows.buffer))).toBe(true);
  });
});

describe("a training run that was interrupted", () => {
  it("goes on as if it had not been", () => {
    const whole = withBatch();
    train(whole, 6);
    const first = withBatch();
    train(first, 3);
    const path = join(folder, "interrupted");
    saveCheckpoint(first, path, 3);
    const second = withBatch();
    expect(loadCheckpoint(second, path)).toBe(3);
    train(second, 3);
    expect(Buffer.from(second.rows.buffer).equals(Buffer.from(whole.rows.buffer))).toBe(true);
  });

  it("starts at the first step where there is no checkpoint", () => {
    expect(loadCheckpoint(withBatch(), join(folder, "nothing"))).toBe(0);
  });

  it("refuses a checkpoint that is cut short, and one of other settings", () => {
    const path = join(folder, "short");
    const model = withBatch();
    saveCheckpoint(model, path, 1);
    truncateSync(join(path, "checkpoint.bin"), 1000);
    expect(() => loadCheckpoint(model, path)).toThrow("cut short");

    checkSettings(path, { seed: 1 });
    checkSettings(path, { seed: 1 });
    expect(() => checkSettings(path, { seed: 2 })).toThrow("another run's settings");
  });
});

describe("packing into four bits", () => {
  it("keeps the directions of vectors and leaves rows that were never trained at zero", () => {
    const model = withBatch();
    train(model, 20);
    const weights = quantise(model);
    const bag = model.features.slice(0, featuresOfText);
    const exact = new Float32Array(8);
    for (const feature of bag) {
      const weight = Math.exp(model.weights[feature] as number);
      for (let d = 0; d < 8; d++)
        exact[d] = (exact[d] as number) + weight * (model.rows[feature * 8 + d] as number);
    }
    const length = Math.hypot(...exact);
    expect(
      cosine(
        weights.vectorOf(bag),
        exact.map((value) => value / length),
      ),
    ).toBeGreaterThan(0.99);
    expect(Math.hypot(...weights.vectorOf([featureBuckets - 1]))).toBe(0);
  });
});
