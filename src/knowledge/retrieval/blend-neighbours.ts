import { normalise } from "../embedding/embedder.ts";

/** How much each neighbour counts beside the text itself; chosen on questions that decide between variants. */
const share = 0.15;

/**
 * Vectors of texts that stand in a series, such as the articles of one law, coloured by the text before and the text
 * behind: an article is often asked for in words that only its neighbour has. Texts without a series stay as they are.
 */
export function blendNeighbours(
  vectors: readonly Float32Array[],
  seriesOf: (place: number) => string | undefined,
): Float32Array[] {
  return vectors.map((vector, place) => {
    const series = seriesOf(place);
    if (series === undefined) return vector;
    const beside = [place - 1, place + 1].flatMap((other) =>
      vectors[other] !== undefined && seriesOf(other) === series ? [vectors[other]] : [],
    );
    return beside.length === 0 ? vector : blend(vector, beside);
  });
}

function blend(vector: Float32Array, beside: readonly Float32Array[]): Float32Array {
  return normalise(
    vector.map((value, d) => beside.reduce((sum, other) => sum + share * (other[d] as number), value)),
  );
}
