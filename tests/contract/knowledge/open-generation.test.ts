import { existsSync, readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readLibrary } from "../../../src/knowledge/documents/read-library.ts";
import { GenerationFiles } from "../../../src/knowledge/generations/generation-files.ts";
import { type GenerationTools, openGeneration } from "../../../src/knowledge/generations/open-generation.ts";
import type { OpenedGeneration } from "../../../src/knowledge/generations/opened-generations.ts";
import { readJsonl } from "../../../src/knowledge/jsonl.ts";
import { readFolderSettings, shippedKnowledge } from "../../../src/knowledge/knowledge-folder.ts";
import type { StoredVersion } from "../../../src/knowledge/knowledge-store.ts";
import type { SearchIndex } from "../../../src/knowledge/retrieval/search-index.ts";
import { cutChunks } from "../../../src/knowledge/sections/cut-chunks.ts";
import { SqlKnowledgeStore } from "../../../src/storage/knowledge-store.ts";
import { describeOnPglite } from "../../support/databases.ts";
import { temporaryFolder } from "../../support/knowledge-folder.ts";
import { withMethods } from "../../support/knowledge-library.ts";
import { tools } from "../../support/knowledge-tools.ts";

const { register } = await readFolderSettings(shippedKnowledge, "chongqing");
const { versions: all } = await readLibrary(shippedKnowledge, { origin: "library", register });
const guides = all.slice(0, 30);
/** One golden question of so many is asked. */
const everyNth = 12;

/** The version with a sentence more at its end, or under another id. */
function altered({ document, fileHash }: StoredVersion, sentence: string, id = document.id): StoredVersion {
  const text = `${document.text}\n${sentence}\n`;
  const sections = document.sections.map((section, i) =>
    i === document.sections.length - 1 ? { ...section, end: text.length } : section,
  );
  const contentHash = `${document.contentHash}-${sentence}-${id}`;
  const changed = { ...document, id, text, sections, contentHash };
  return { document: changed, chunks: cutChunks(changed), fileHash };
}

const entryOf = ({ document }: StoredVersion) => ({
  documentId: document.id,
  contentHash: document.contentHash,
});
const titles = async (index: SearchIndex, text: string) =>
  (await index.search({ text, limit: 10 })).map(({ document }) => document.id);
const without = (versions: readonly StoredVersion[], ...ids: string[]) =>
  versions.filter(({ document }) => !ids.includes(document.id));

describeOnPglite((open) => {
  /** Registers the versions as a generation and opens it, from another one where it is given. */
  async function setUp() {
    const { db } = await open();
    const root = await temporaryFolder();
    const store = new SqlKnowledgeStore({ db, now: () => new Date() });
    const files = new GenerationFiles(root);
    const own: GenerationTools = { ...tools, store, files, root };
    const register = async (versions: readonly StoredVersion[], fresh = versions) => {
      await store.saveVersions(fresh);
      return store.createGeneration(tools.embedder.version, versions.map(entryOf));
    };
    const opened = async (generation: number, from?: OpenedGeneration, fresh?: readonly StoredVersion[]) => ({
      generation,
      index: await openGeneration(generation, own, () => {}, undefined, from, fresh),
    });
    return { root, store, files, own, register, opened };
  }

  it("layers one changed document on the generation that is open, and reads nothing but that", async () => {
    const { root, own, register, opened } = await setUp();
    const first = await opened(await register(guides));
    const changed = altered(guides[3] as StoredVersion, "火星移民津贴每人每年八千块。");
    const gone = guides[5] as StoredVersion;
    const next = [...without(guides, changed.document.id, gone.document.id), changed];
    const second = await register(next, [changed]);
    const unread = withMethods(own.store, { loadGeneration: () => Promise.reject(new Error("read")) });
    const index = await openGeneration(second, { ...own, store: unread }, () => {}, undefined, first, [
      changed,
    ]);
    const [hit] = await index.search({ text: "火星移民津贴", limit: 1 });
    expect(hit?.chunk.text).toContain("火星移民津贴每人每年八千块");
    expect(hit?.document.contentHash).toBe(changed.document.contentHash);
    expect(await titles(index, gone.document.title)).not.toContain(gone.document.id);
    expect(index.chunksOf(gone.document.id)).toEqual([]);
    expect(index.chunksOf(changed.document.id).map(({ chunk }) => chunk)).toEqual(changed.chunks);
    expect((await titles(first.index, "火星移民津贴")).length).toBeGreaterThan(0);
    expect(readdirSync(join(root, String(second)))).toEqual(["meta.json"]);
  });

  it("answers the same after a restart, from the files of its base or, where they are gone, built anew", async () => {
    const { root, files, register, opened } = await setUp();
    const first = await opened(await register(guides));
    const changed = altered(guides[7] as StoredVersion, "火星移民津贴每人每年八千块。");
    const next = [...without(guides, changed.document.id), changed];
    const second = await opened(await register(next, [changed]), first, [changed]);
    files.prune(new Set([second.generation]));
    const again = await opened(second.generation);
    for (const text of ["火星移民津贴", "没签劳动合同怎么办", "年休假有几天"]) {
      const expected = await second.index.search({ text, limit: 20 });
      expect(await again.index.search({ text, limit: 20 })).toEqual(expected);
    }
    await rm(join(root, String(first.generation)), { recursive: true });
    const anew = await opened(second.generation);
    expect(existsSync(join(root, String(second.generation), "words.bin"))).toBe(true);
    expect(await titles(anew.index, "火星移民津贴")).toContain(changed.document.id);
  });

  it("is built as a whole where much differs", async () => {
    const { root, register, opened } = await setUp();
    const first = await opened(await register(guides));
    const most = guides.slice(0, Math.floor(guides.length / 2));
    const second = await opened(await register(most, []), first);
    expect(second.index.size).toBe(most.reduce((sum, { chunks }) => sum + chunks.length, 0));
    expect(existsSync(join(root, String(second.generation), "words.bin"))).toBe(true);
  });

  it("takes back a document's former version from the base", async () => {
    const { register, opened } = await setUp();
    const first = await opened(await register(guides));
    const changed = altered(guides[0] as StoredVersion, "火星移民津贴每人每年八千块。");
    const next = [...without(guides, changed.document.id), changed];
    const second = await opened(await register(next, [changed]), first, [changed]);
    const third = await opened(await register(guides, []), second);
    const expected = await first.index.search({ text: "火星移民津贴", limit: 20 });
    expect(await third.index.search({ text: "火星移民津贴", limit: 20 })).toEqual(expected);
  });

  it("finds the same documents after twenty changes as a whole build does", async () => {
    const { files, root, register, opened } = await setUp();
    let current = all;
    let generation = await opened(await register(current));
    for (let change = 0; change < 20; change++) {
      const chosen = current[(change * 37 + 11) % current.length] as StoredVersion;
      const kind = change % 4;
      const fresh: StoredVersion[] = [];
      if (kind < 2) fresh.push(altered(chosen, `第${change}次修改：办理时限以窗口告知为准。`));
      if (kind === 2) fresh.push(altered(chosen, "本篇另存。", `copy-${change}`));
      current = [...without(current, ...(kind === 2 ? [] : [chosen.document.id])), ...fresh];
      generation = await opened(await register(current, fresh), generation, fresh);
    }
    expect(readdirSync(files.folderOf(generation.generation))).toEqual(["meta.json"]);
    await rm(root, { recursive: true });
    const whole = await opened(generation.generation);
    expect(generation.index.size).toBe(whole.index.size);

    let asked = 0;
    let same = 0;
    const golden = join(shippedKnowledge, "golden");
    for (const name of readdirSync(golden).filter((file) => file.endsWith(".jsonl"))) {
      for await (const { question } of readJsonl(join(golden, name))) {
        asked += 1;
        if (asked % everyNth !== 0) continue;
        const layered = await titles(generation.index, String(question));
        const built = new Set(await titles(whole.index, String(question)));
        if (new Set([...layered, ...built]).size === built.size && new Set(layered).size === built.size)
          same += 1;
      }
    }
    expect(same / Math.floor(asked / everyNth)).toBeGreaterThanOrEqual(0.95);
  }, 180_000);
});
