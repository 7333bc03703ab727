import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";

const schema = z.object({
  rewrite: z.record(z.string(), z.string()),
  expand: z.record(z.string(), z.array(z.string()).min(1)),
});

/** The vocabulary of labour and of this region: words for the segmenter, other words for the query. */
export interface Lexicon {
  /** Words that the segmenter must know. */
  readonly words: readonly string[];
  /** Dialect and typing errors, longest first, with what they stand for. */
  readonly rewrites: readonly (readonly [string, string])[];
  /** What a worker says, longest first, with the knowledge's own words for it. */
  readonly expansions: readonly (readonly [string, readonly string[]])[];
}

const byLength = (a: readonly [string, unknown], b: readonly [string, unknown]) => b[0].length - a[0].length;

/** Reads the lexicon that ships with the code. */
export function loadLexicon(): Lexicon {
  const words = readFileSync(new URL("./lexicon/words.txt", import.meta.url), "utf8");
  const synonyms = schema.parse(
    parse(readFileSync(new URL("./lexicon/synonyms.yaml", import.meta.url), "utf8")),
  );
  const expansions = Object.entries(synonyms.expand).sort(byLength);
  const vocabulary = new Set(words.split("\n").filter(Boolean));
  for (const [said, meant] of expansions) for (const word of [said, ...meant]) vocabulary.add(word);
  return { words: [...vocabulary], rewrites: Object.entries(synonyms.rewrite).sort(byLength), expansions };
}
