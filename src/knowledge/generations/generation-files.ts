import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { VectorEngine } from "../retrieval/open-vector-index.ts";
import { PackedWordIndex } from "../retrieval/word-index.ts";
import { BaseIndex, type StoredDocument } from "./base-index.ts";
import type { BuiltIndex } from "./build-index.ts";

/** What must be the same for a stored index to be used; anything else means that it is built again. */
export interface IndexIdentity {
  readonly embedder: string;
  readonly engine: string;
}

const metaFile = "meta.json";
/** Another number stands for files that this code would misread. */
export const indexFormat = 2;
const parts = ["words.bin", "bigrams.bin", "vectors.bin", "documents.json"] as const;

/** What stands beside an index: what it is, and the SHA-256 of each file, so that no torn file reaches native code. */
interface Meta extends IndexIdentity {
  readonly format: number;
  readonly dimensions: number;
  readonly hashes: Readonly<Record<(typeof parts)[number], string>>;
}

/** What stands in the folder of a generation that is layered on the index of another one. */
interface Link {
  readonly base: number;
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

  /** Writes an index with what it was built from, in the order of its entries. */
  write(
    generation: number,
    index: BuiltIndex,
    identity: IndexIdentity,
    documents: readonly StoredDocument[],
  ): void {
    this.#writeWhole(generation, (unfinished) => {
      writeFileSync(join(unfinished, "words.bin"), index.words.serialize());
      writeFileSync(join(unfinished, "bigrams.bin"), index.bigrams.serialize());
      index.vectors.save(join(unfinished, "vectors.bin"));
      writeFileSync(join(unfinished, "documents.json"), JSON.stringify(documents));
      const hashes = Object.fromEntries(parts.map((name) => [name, hashOfFile(join(unfinished, name))]));
      return { format: indexFormat, ...identity, dimensions: index.vectors.dimensions, hashes } as Meta;
    });
  }

  /** Notes that a generation is layered on the index of another one: that one is kept as long as this. */
  link(generation: number, base: number): void {
    this.#writeWhole(generation, () => ({ base }));
  }

  #writeWhole(generation: number, fill: (unfinished: string) => Meta | Link): void {
    const folder = this.folderOf(generation);
    const unfinished = `${folder}.unfinished`;
    this.#removeUnfinished();
    mkdirSync(unfinished, { recursive: true });
    writeFileSync(join(unfinished, metaFile), JSON.stringify(fill(unfinished)), { flush: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
  }

  /**
   * Loads the index of a generation, or of the one that it is layered on; undefined where it is missing, broken or
   * another one. Whether it fits the generation's documents is for the caller to see.
   */
  load(generation: number, identity: IndexIdentity, engine: VectorEngine): BaseIndex | undefined {
    const base = this.#baseOf(generation) ?? generation;
    const folder = this.folderOf(base);
    if (!existsSync(join(folder, metaFile))) return undefined;
    try {
      const meta = JSON.parse(readFileSync(join(folder, metaFile), "utf8")) as Meta;
      const isSame = (Object.keys(identity) as (keyof IndexIdentity)[]).every(
        (key) => meta[key] === identity[key],
      );
      if (
        meta.format !== indexFormat ||
        !isSame ||
        parts.some((name) => meta.hashes[name] !== hashOfFile(join(folder, name)))
      )
        return undefined;
      const index = {
        words: PackedWordIndex.deserialize(readFileSync(join(folder, "words.bin"))),
        bigrams: PackedWordIndex.deserialize(readFileSync(join(folder, "bigrams.bin"))),
        vectors: engine.load(join(folder, "vectors.bin"), meta.dimensions),
      };
      const documents = JSON.parse(readFileSync(join(folder, "documents.json"), "utf8")) as StoredDocument[];
      return new BaseIndex(base, index, documents);
    } catch {
      // A file cut short by a full disk or a bad sector: the database has everything to build it again.
      return undefined;
    }
  }

  /** The generation whose index this one is layered on; undefined where it has its own or none that can be read. */
  #baseOf(generation: number): number | undefined {
    try {
      const link = JSON.parse(
        readFileSync(join(this.folderOf(generation), metaFile), "utf8"),
      ) as Partial<Link>;
      return link.base;
    } catch {
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

  /** Removes folders of generations that are neither to keep nor the base of one, and what was left unfinished. */
  prune(generations: ReadonlySet<number>): void {
    if (!existsSync(this.#root)) return;
    const keep = new Set([...generations].flatMap((one) => [one, this.#baseOf(one) ?? one]));
    for (const name of readdirSync(this.#root)) {
      if (!keep.has(Number(name))) rmSync(join(this.#root, name), { recursive: true, force: true });
    }
  }
}

/** Piece by piece: an index may be larger than what the process has room for beside it. */
function hashOfFile(file: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1_048_576);
  const descriptor = openSync(file, "r");
  try {
    for (let read = readSync(descriptor, piece); read > 0; read = readSync(descriptor, piece))
      hash.update(piece.subarray(0, read));
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}
