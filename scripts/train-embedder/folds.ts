import { hashFeature } from "../../src/knowledge/embedding/feature-hash.ts";

/**
 * Which part of the STARD dev questions a question belongs to, by its id alone: 70 % are trained on, 10 % decide
 * between variants, 20 % are only reported on.
 */
export function foldOf(questionId: string | number): "train" | "choose" | "held-out" {
  const place = hashFeature(`stard-${questionId}`) % 10;
  return place < 2 ? "held-out" : place === 2 ? "choose" : "train";
}
