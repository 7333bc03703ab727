import { describe, expect, it } from "vitest";
import { type Candidate, candidateAt } from "../../../../../src/knowledge/retrieval/candidates.ts";
import {
  type ChunkSigns,
  featureNames,
  featuresOf,
} from "../../../../../src/knowledge/retrieval/second-stage/features.ts";

const found = (rank: number, score: number) => ({ rank, score, entry: 0, keys: 1, coverage: score / 10 });
const chunk = (more: Partial<ChunkSigns> = {}): ChunkSigns => ({
  documentId: "合同法",
  rank: "law",
  titleBigrams: ["合同", "同法"],
  length: 100,
  byQuestion: false,
  ...more,
});
const question = new Map([["合同", 1]]);

function valuesOf(candidates: readonly Candidate[], chunks: readonly ChunkSigns[]) {
  const rows = featuresOf(
    candidates,
    (candidate) => chunks[candidates.indexOf(candidate)] ?? chunk(),
    question,
  );
  expect(rows.length).toBe(candidates.length * featureNames.length);
  return candidates.map((_, row) =>
    Object.fromEntries(featureNames.map((name, i) => [name, rows[row * featureNames.length + i] as number])),
  );
}

describe("features of candidates", () => {
  it("measure scores against the best of the question, and cosines by what they lack to it", () => {
    const [first, second] = valuesOf(
      [
        { ...candidateAt(0), words: found(0, 8), cosine: 0.5 },
        { ...candidateAt(1), words: found(1, 4), cosine: 0.75 },
      ],
      [],
    );
    expect(first).toMatchObject({
      "words: reciprocal rank": 1,
      "words: share of the best score": 1,
      cosine: 0.5,
    });
    expect(first?.["cosine below the best"]).toBe(-0.25);
    expect(second).toMatchObject({ "words: share of the best score": 0.5, "cosine below the best": 0 });
    expect(first?.["found by all"]).toBe(0);
  });

  it("see that a chunk's neighbours and the rest of its document were found too", () => {
    const strong = { words: found(0, 8), bigrams: found(0, 8), vectors: found(0, 0.5) };
    const candidates = [{ ...candidateAt(5), ...strong }, candidateAt(6), candidateAt(7), candidateAt(40)];
    const others = [chunk(), chunk(), chunk(), chunk({ documentId: "外贸法" })];
    const [own, next, second, foreign] = valuesOf(candidates, others);
    expect(own).toMatchObject({ neighbours: 0, "found by all": 1 });
    expect(next?.neighbours).toBeGreaterThan(0);
    expect(second).toMatchObject({ neighbours: 0 });
    expect(second?.["second neighbours"]).toBe(next?.neighbours);
    expect(next?.["other chunks of the document"]).toBeGreaterThan(0);
    expect(foreign).toMatchObject({ neighbours: 0, "other chunks of the document": 0 });
  });

  it("does not take the last article of one law for a neighbour of the first of the next", () => {
    const strong = { ...candidateAt(5), words: found(0, 8) };
    const [, next] = valuesOf([strong, candidateAt(6)], [chunk(), chunk({ documentId: "外贸法" })]);
    expect(next?.neighbours).toBe(0);
  });

  it("tell the standing of the document, and how much of its title the question has", () => {
    const [law, guide] = valuesOf(
      [candidateAt(0), candidateAt(1)],
      [chunk(), chunk({ rank: "guide", titleBigrams: ["休假"] })],
    );
    expect(law).toMatchObject({ law: 1, guide: 0, "title in the question": 0.5 });
    expect(guide).toMatchObject({ law: 0, guide: 1, "title in the question": 0 });
  });
});
