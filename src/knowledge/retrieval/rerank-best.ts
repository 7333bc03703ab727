import { AppError } from "../../errors.ts";
import type { Chunk } from "../chunk.ts";
import type { DocumentInfo } from "./index-entries.ts";
import type { Reranker } from "./reranker.ts";

interface Found {
  readonly chunk: Chunk;
  readonly document: DocumentInfo;
  readonly score: number;
}

/** How many of the best are read again. */
const reread = 50;

/**
 * Puts the first of `found`, which come best first, in the reranker's order. As a set they keep the scores that they
 * had, so that what is compared with a threshold stays on its scale. Where no usable answer comes the order stays.
 */
export async function rerankBest<Passage extends Found>(
  reranker: Reranker,
  query: string,
  found: readonly Passage[],
  signal?: AbortSignal,
): Promise<readonly Passage[]> {
  const best = found.slice(0, reread);
  if (best.length < 2) return found;
  const texts = best.map(({ document, chunk }) => `${document.title}\n${chunk.text}`);
  try {
    const scores = await reranker.rerank(query, texts, signal);
    const order = [...best.keys()].sort(
      (left, right) => (scores[right] as number) - (scores[left] as number) || left - right,
    );
    const moved = order.map((from, place) => ({
      ...(best[from] as Passage),
      score: (best[place] as Passage).score,
    }));
    return [...moved, ...found.slice(reread)];
  } catch (error) {
    if (error instanceof AppError && error.code === "model.unavailable") return found;
    throw error;
  }
}
