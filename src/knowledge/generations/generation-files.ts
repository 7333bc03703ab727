import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { VectorEngine } from "../retrieval/open-vector-index.ts";
import { WordIndex } from "../retrieval/word-index.ts";
import type { BuiltIndex } from "./build-index.ts";

/** What must be the same for a stored index to be used; anything else means that it is built again. */
export interface IndexIdentity {
  readonly embedder: string;
  readonly engine: string;
  readonly entries: number;
  /** SHA-256 over the entries: same keys in the same order. */
  readonly entriesHash: string;
}

const metaFile = "meta.json";
const parts = ["words.bin", "bigrams.bin", "vectors.bin"] as const;

/** What stands beside an index: what it is, and the SHA-256 of each file, so that no torn file reaches native code. */
interface Meta extends IndexIdentity {
  readonly dimensions: number;
  readonly hashes: Readonly<Record<(typeof parts)[number], string>>;
}

/**
 * The folder of one generation's index. It is written beside its name and renamed when whole, so that a folder
 * under its name is never half an index.
 */
export class GenerationFiles {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  folderOf(generation: number): string {
    return join(this.#root, String(generation));
  }

  write(generation: number, index: BuiltIndex, identity: IndexIdentity): void {
    const folder = this.folderOf(generation);
    const unfinished = `${folder}.unfinished`;
    this.#removeUnfinished();
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, "words.bin"), index.words.serialize());
    writeFileSync(join(unfinished, "bigrams.bin"), index.bigrams.serialize());
    index.vectors.save(join(unfinished, "vectors.bin"));
    const hashes = Object.fromEntries(parts.map((name) => [name, hashOfFile(join(unfinished, name))]));
    writeFileSync(
      join(unfinished, metaFile),
      JSON.stringify({ ...identity, dimensions: index.vectors.dimensions, hashes }),
      { flush: true },
    );
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  }

  /** Loads a stored index, or undefined where it is missing, broken or another one. */
  load(generation: number, identity: IndexIdentity, engine: VectorEngine): BuiltIndex | undefined {
    const folder = this.folderOf(generation);
    if (!existsSync(join(folder, metaFile))) return undefined;
    try {
      const meta = JSON.parse(readFileSync(join(folder, metaFile), "utf8")) as Meta;
      const isSame = (Object.keys(identity) as (keyof IndexIdentity)[]).every(
        (key) => meta[key] === identity[key],
      );
      if (!isSame || parts.some((name) => meta.hashes[name] !== hashOfFile(join(folder, name))))
        return undefined;
      return {
        words: WordIndex.deserialize(readFileSync(join(folder, "words.bin"))),
        bigrams: WordIndex.deserialize(readFileSync(join(folder, "bigrams.bin"))),
        vectors: engine.load(join(folder, "vectors.bin"), meta.dimensions),
      };
    } catch {
      // A file cut short by a full disk or a bad sector: the database has everything to build it again.
      return undefined;
    }
  }

  /** One process builds at a time: what stands unfinished was left by one that was killed. */
  #removeUnfinished(): void {
    if (!existsSync(this.#root)) return;
    for (const name of readdirSync(this.#root)) {
      if (name.endsWith(".unfinished")) rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }

  /** Removes folders of generations that are not among those to keep, and what was left unfinished. */
  prune(keep: ReadonlySet<number>): void {
    if (!existsSync(this.#root)) return;
    for (const name of readdirSync(this.#root)) {
      if (!keep.has(Number(name))) rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }
}

const hashOfFile = (file: string) => createHash("sha256").update(readFileSync(file)).digest("hex");
