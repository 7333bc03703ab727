import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { AppError } from "../../errors.ts";
import type { Tokenizer } from "../retrieval/tokenizer.ts";
import type { Embedder } from "./embedder.ts";
import { StaticWeights } from "./static-weights.ts";
import { textFeatures } from "./text-features.ts";

/** SHA-256 of the weights that belong to `version`. New weights need a new version: vectors are stored under it. */
const weightsHash = "d5d15fdf8b15dc2b97512ce82fcc94616e47c14ae44c9613dc8919a505f8222c";
const weightsFile = new URL("./weights/static-1.bin", import.meta.url);

/**
 * The embedder that needs no service and no key: one learned vector for each word, pair of characters and character,
 * added up and brought to length 1. It is read from a file of this repository; see `weights/README.md` for what it
 * was trained on and what it cannot do.
 */
export class StaticEmbedder implements Embedder {
  readonly version = "static-1";
  readonly #tokenizer: Tokenizer;
  readonly #weights: StaticWeights;

  constructor(tokenizer: Tokenizer, weights: StaticWeights = loadWeights()) {
    this.#tokenizer = tokenizer;
    this.#weights = weights;
  }

  get dimensions(): number {
    return this.#weights.dimensions;
  }

  /** The vector of one text, without the promise that LangChain's interface asks for. Zero where the text has no word. */
  embed(text: string): Float32Array {
    return this.#weights.vectorOf(textFeatures(this.#tokenizer, text));
  }

  async embedDocuments(texts: string[]): Promise<Float32Array[]> {
    return texts.map((text) => this.embed(text));
  }

  async embedQuery(text: string): Promise<Float32Array> {
    return this.embed(text);
  }
}

/** Reads the weights that ship with the code. Throws `model.unavailable` where they are missing or not the ones of this version. */
export function loadWeights(file: URL = weightsFile, hash: string = weightsHash): StaticWeights {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    throw refuse(file, "cannot be read", cause);
  }
  if (createHash("sha256").update(bytes).digest("hex") !== hash)
    throw refuse(file, "is cut short or of another version");
  const weights = StaticWeights.parse(bytes);
  if (weights === undefined) throw refuse(file, "is of a format that this version cannot read");
  return weights;
}

function refuse(file: URL, fault: string, cause?: unknown): AppError {
  const name = file.pathname.split("/").at(-1) ?? "";
  const remedy = "restore it with: git checkout -- src/knowledge/embedding/weights";
  return new AppError("model.unavailable", `The embedder's weights file ${name} ${fault}: ${remedy}`, {
    cause,
    details: { file: name },
  });
}
