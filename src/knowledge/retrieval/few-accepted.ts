/** Entries that are looked at to see whether a condition accepts few; so many of them mean that it does not. */
const sampled = 64;
const manyOfSampled = 8;
/** Accepted entries up to which comparing them one by one is faster than walking a graph that has few of them. */
const mostCompared = 2_500;

/** The accepted ones of `size` entries where they are few; undefined where they are not. */
export function fewAccepted(size: number, accept: (entry: number) => boolean): number[] | undefined {
  const step = Math.ceil(size / sampled);
  let ofSampled = 0;
  for (let entry = 0; entry < size; entry += step) if (accept(entry)) ofSampled += 1;
  if (ofSampled >= manyOfSampled) return undefined;
  const accepted: number[] = [];
  for (let entry = 0; entry < size; entry++) {
    if (!accept(entry)) continue;
    if (accepted.length === mostCompared) return undefined;
    accepted.push(entry);
  }
  return accepted;
}
