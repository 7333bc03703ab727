/**
 * Makes `src/knowledge/embedding/weights/idf-1.bin`: how rare each hashed word and bigram is, counted over the
 * articles of Chinese law. Usage: node scripts/train-idf.ts ARTICLES.jsonl.gz
 */
import { readFileSync, writeFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { hashFeature } from "../src/knowledge/embedding/feature-hash.ts";
import { idfBuckets, idfScale } from "../src/knowledge/embedding/hashed-embedder.ts";
import { Tokenizer } from "../src/knowledge/retrieval/tokenizer.ts";

const corpus = process.argv[2];
if (corpus === undefined) {
  console.error("Usage: node scripts/train-idf.ts ARTICLES.jsonl.gz");
  process.exit(2);
}
const lines = gunzipSync(readFileSync(corpus)).toString("utf8").trim().split("\n");
const tokenizer = new Tokenizer();
const found = new Uint32Array(idfBuckets);
for (const line of lines) {
  const { text } = JSON.parse(line) as { text: string };
  const { words, bigrams } = tokenizer.tokenize(text);
  const buckets = new Set([...words, ...bigrams].map((feature) => hashFeature(feature) & (idfBuckets - 1)));
  for (const bucket of buckets) found[bucket] = (found[bucket] as number) + 1;
}
const table = Uint8Array.from(found, (count) => Math.min(255, Math.round(Math.log(1 + lines.length / (count + 1)) * idfScale)));
writeFileSync(new URL("../src/knowledge/embedding/weights/idf-1.bin", import.meta.url), table);
console.log(`${lines.length} articles, ${found.filter((count) => count > 0).length} of ${idfBuckets} buckets in use`);
