import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { cp, rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { buildIndex } from "../../../../src/knowledge/generations/build-index.ts";
import { GenerationFiles } from "../../../../src/knowledge/generations/generation-files.ts";
import { entriesOf } from "../../../../src/knowledge/retrieval/index-entries.ts";
import { temporaryFolder, write } from "../../../support/knowledge-folder.ts";
import { documentOf, tools } from "../../../support/knowledge-tools.ts";

const { entries } = entriesOf([documentOf("a", ["二倍工资", "年休假", "工伤认定"])]);
const { index } = await buildIndex(entries, tools);
const identity = {
  embedder: tools.embedder.version,
  engine: tools.engine.engine,
};
const documents = [{ key: "a\nhash-a", entries: entries.length, hash: "abc" }];

async function written() {
  const root = await temporaryFolder();
  const files = new GenerationFiles(root);
  files.write(5, index, identity, documents);
  return { root, files, folder: files.folderOf(5) };
}

describe("the files of a generation", () => {
  it("give the same index again", async () => {
    const { files } = await written();
    const loaded = files.load(5, identity, tools.engine);
    const { words } = tools.tokenizer.tokenizeQuery("二倍工资");
    expect(loaded?.index.words.search(words, 3)).toEqual(index.words.search(words, 3));
    expect(loaded?.index.vectors.size).toBe(entries.length);
    expect(files.load(6, identity, tools.engine)).toBeUndefined();
  });

  it.each([
    ["embedder", "other-1"],
    ["engine", "flat-2"],
  ])("are not used for another %s", async (key, value) => {
    const { files } = await written();
    expect(files.load(5, { ...identity, [key]: value }, tools.engine)).toBeUndefined();
  });

  it("are ignored while they stand half-written", async () => {
    const { root, files, folder } = await written();
    await rename(folder, `${folder}.unfinished`);
    expect(files.load(5, identity, tools.engine)).toBeUndefined();
    files.write(6, index, identity, documents);
    expect(readdirSync(root)).toEqual(["6"]);
  });

  it.each(["words.bin", "bigrams.bin", "vectors.bin", "documents.json", "meta.json"])(
    "are ignored where %s is missing, cut short, emptied or has one other byte",
    async (name) => {
      const { files, folder } = await written();
      const bytes = readFileSync(join(folder, name));
      const torn = [
        Buffer.alloc(0),
        bytes.subarray(0, bytes.length - 5),
        Buffer.alloc(bytes.length),
        Buffer.from(bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 0x55 : byte))),
      ];
      for (const content of torn) {
        writeFileSync(join(folder, name), content);
        expect(files.load(5, identity, tools.engine)).toBeUndefined();
      }
      writeFileSync(join(folder, name), bytes);
      expect(files.load(5, identity, tools.engine)).toBeDefined();
      await rename(join(folder, name), join(folder, "elsewhere"));
      expect(files.load(5, identity, tools.engine)).toBeUndefined();
    },
  );

  it("are replaced whole when a generation is written again", async () => {
    const { files, folder } = await written();
    await write(folder, "leftover.bin", "x");
    files.write(5, index, identity, documents);
    expect(readdirSync(folder).sort()).toEqual([
      "bigrams.bin",
      "documents.json",
      "meta.json",
      "vectors.bin",
      "words.bin",
    ]);
  });

  it("of other generations are removed, with what was left unfinished", async () => {
    const { root, files, folder } = await written();
    await cp(folder, join(root, "4"), { recursive: true });
    await cp(folder, join(root, "3"), { recursive: true });
    await cp(folder, join(root, "6.unfinished"), { recursive: true });
    files.prune(new Set([5, 4]));
    expect(readdirSync(root).sort()).toEqual(["4", "5"]);
    new GenerationFiles(join(root, "absent")).prune(new Set());
  });

  it("of one that is layered on another lead to that one, which stays as long", async () => {
    const { root, files } = await written();
    files.link(6, 5);
    files.link(7, 5);
    expect(files.load(7, identity, tools.engine)).toMatchObject({ generation: 5, size: entries.length });
    files.prune(new Set([7, 6]));
    expect(readdirSync(root).sort()).toEqual(["5", "6", "7"]);
    files.write(7, index, identity, documents);
    files.prune(new Set([7]));
    expect(readdirSync(root)).toEqual(["7"]);
    files.link(8, 5);
    expect(files.load(8, identity, tools.engine)).toBeUndefined();
  });
});
