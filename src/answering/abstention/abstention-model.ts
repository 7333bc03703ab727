import { type AbstentionWeights, loadAbstentionWeights } from "./abstention-weights.ts";
import { type FoundDocument, type FoundFeatures, foundFeatures } from "./found-features.ts";
import { probabilityOf } from "./logistic.ts";
import { messageFeatures } from "./message-features.ts";

/** Whether a message is a matter of work or the union, and whether the knowledge has what it asks. */
export class AbstentionModel {
  readonly #weights: AbstentionWeights;
  readonly #rows: Int8Array;

  constructor(weights: AbstentionWeights = loadAbstentionWeights()) {
    this.#weights = weights;
    this.#rows = new Int8Array(Buffer.from(weights.subject.rows, "base64"));
  }

  /** Less than this chance of being ours is another matter, whatever a search would find. */
  get leastChance(): number {
    return this.#weights.subject.leastChance;
  }

  /** From this chance on a message that nothing was found for is ours all the same. */
  get evenChance(): number {
    return this.#weights.subject.evenChance;
  }

  /**
   * The chance that a message is a matter of work or the union, 0 to 1. `text` in plain words and lower case; `cues`
   * are names of word groups that stand in it.
   */
  chanceOfOurs(text: string, cues: Iterable<string> = []): number {
    const { bias, scale, cues: weights } = this.#weights.subject;
    const rows = messageFeatures(text);
    let sum = 0;
    for (const row of rows) sum += this.#rows[row] as number;
    let evidence = bias + (rows.size === 0 ? 0 : (sum * scale) / Math.sqrt(rows.size));
    for (const cue of cues) evidence += weights[cue] ?? 0;
    return probabilityOf(evidence);
  }

  /** Whether what was found, the best document first, answers a message that is ours by this chance. */
  isKnown(found: readonly FoundDocument[], chanceOfOurs: number): boolean {
    if (found.length === 0) return false;
    return this.chanceOfKnown(foundFeatures(found, chanceOfOurs)) >= this.#weights.known.leastChance;
  }

  chanceOfKnown(features: FoundFeatures): number {
    const { bias, features: weights } = this.#weights.known;
    return probabilityOf(
      Object.entries(features).reduce((sum, [name, value]) => sum + (weights[name] ?? 0) * value, bias),
    );
  }
}

let shipped: AbstentionModel | undefined;

/** The model that ships with the code, read once, in milliseconds. */
export function abstentionModel(): AbstentionModel {
  shipped ??= new AbstentionModel();
  return shipped;
}
