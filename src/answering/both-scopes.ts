import { isClose, isLocal, isSameMatter, type Support } from "./select-passages.ts";
import { likeness } from "./shared-pairs.ts";

/** Articles that share so much rule the same matter: one for the whole country, one for a place. */
const sameArticle = 0.5;

/**
 * The best rule of the other scope on the matter of the first support: one for the whole country beside a place's, a
 * place's beside the whole country's. Undefined where nothing else fits as well or rules the same matter.
 */
export function otherScope([main, ...others]: readonly Support[]): Support | undefined {
  if (main === undefined) return undefined;
  return others.find(
    (other) =>
      other.document.kind === "law" &&
      isLocal(other) !== isLocal(main) &&
      (isClose(other.score, main.score) || isSameMatter(other, main) || rulesTheSame(other, main)),
  );
}

function rulesTheSame(one: Support, other: Support): boolean {
  const [own, theirs] = [one.hits[0], other.hits[0]];
  return (
    own !== undefined && theirs !== undefined && likeness(own.chunk.text, theirs.chunk.text) >= sameArticle
  );
}
