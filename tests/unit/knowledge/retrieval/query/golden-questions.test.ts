import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readLibrary } from "../../../../../src/knowledge/documents/read-library.ts";
import { readFolderSettings, shippedKnowledge } from "../../../../../src/knowledge/knowledge-folder.ts";
import { entriesOf } from "../../../../../src/knowledge/retrieval/index-entries.ts";
import { QueryReader } from "../../../../../src/knowledge/retrieval/query/read-query.ts";
import { Tokenizer } from "../../../../../src/knowledge/retrieval/tokenizer.ts";

const tokenizer = new Tokenizer();
const reader = new QueryReader({ vocabulary: await vocabulary(), segment: (text) => tokenizer.words(text) });

async function vocabulary(): Promise<Map<string, number>> {
  const { register } = await readFolderSettings(shippedKnowledge, "chongqing");
  const { versions } = await readLibrary(shippedKnowledge, { origin: "library", register });
  const counts = new Map<string, number>();
  for (const { fields } of entriesOf(versions).entries) {
    const words = new Set(fields.flatMap(({ text }) => tokenizer.tokenize(text).words));
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return counts;
}

/** Lines with an odd number report and decide nothing, here neither. */
const evenLines = (file: string) =>
  readFileSync(file, "utf8")
    .trim()
    .split("\n")
    .filter((_, index) => index % 2 === 1)
    .map((line) => JSON.parse(line) as { id: string; question: string });
const files = globSync(`${shippedKnowledge}/golden/*.jsonl`);
const misspelt = evenLines(files.find((file) => file.endsWith("spelling.jsonl")) as string);
const right = files.filter((file) => !file.endsWith("spelling.jsonl")).flatMap(evenLines);

describe("golden questions against the words of the guides", () => {
  it("hold fewer corrections than one in a hundred where nothing is known to be misspelt", () => {
    const corrected = right.flatMap(({ question }) => reader.read(question).corrections);
    expect(right.length).toBeGreaterThan(500);
    expect(corrected.length).toBeLessThan(right.length / 100);
  });

  it("that are misspelt are mended in four of five", () => {
    const typos = misspelt.filter(({ id }) => id.startsWith("spelling-typo"));
    const mended = typos.filter(({ question }) => reader.read(question).corrections.length > 0);
    expect(mended.length / typos.length).toBeGreaterThanOrEqual(0.8);
  });

  it("in traditional characters are searched in simplified ones", () => {
    const traditional = misspelt.filter(({ id }) => id.startsWith("spelling-traditional"));
    for (const { question } of traditional)
      expect(reader.read(question).text).not.toMatch(/[沒單養嗎們麼動償]/u);
  });

  it("in English are searched in Chinese", () => {
    const english = misspelt.filter(({ id }) => id.startsWith("spelling-english"));
    for (const { question } of english)
      expect(reader.read(question).text).toMatch(/^[\p{Script=Han}0-9% ]+$/u);
  });
});
