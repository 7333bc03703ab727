import { describe, expect, it } from "vitest";
import { planReload } from "../../../../src/knowledge/generations/plan-reload.ts";
import type { DocumentSummary, StoredVersion } from "../../../../src/knowledge/knowledge-store.ts";
import type { DocumentOrigin } from "../../../../src/knowledge/policy-document.ts";
import { documentOf } from "../../../support/knowledge-tools.ts";

function current(id: string, hash: string, origin: DocumentOrigin = "library"): DocumentSummary {
  const { document } = documentOf(id, [], { contentHash: hash, origin, title: `题 ${id}` });
  return { ...document, chunks: 1, fileHash: "", updatedAt: "" };
}

function version(id: string, hash: string, origin: DocumentOrigin = "library"): StoredVersion {
  const { document } = documentOf(id, [], { contentHash: hash, origin, title: `题 ${id}` });
  return { document: { ...document, text: "", sections: [] }, chunks: [], fileHash: "" };
}

const library = (parts: Partial<NonNullable<Parameters<typeof planReload>[0]["library"]>>) => ({
  versions: [],
  unchangedPaths: [],
  refused: [],
  ...parts,
});

describe("the plan of a reload", () => {
  it("tells added, changed, removed and unchanged apart and writes only what is new", () => {
    const plan = planReload({
      current: [current("a", "1"), current("b", "1"), current("c", "1")],
      library: library({ versions: [version("b", "2"), version("d", "1")], unchangedPaths: ["a.md"] }),
    });
    expect(plan).toMatchObject({ added: ["题 d"], changed: ["题 b"], removed: ["题 c"], unchanged: 1 });
    expect(plan.versions.map(({ document }) => document.id)).toEqual(["b", "d"]);
    expect(plan.manifest).toEqual([
      { documentId: "a", contentHash: "1" },
      { documentId: "b", contentHash: "2" },
      { documentId: "d", contentHash: "1" },
    ]);
  });

  it("keeps the version that serves of a file that is refused now", () => {
    const plan = planReload({
      current: [current("a", "1")],
      library: library({
        refused: [
          { path: "a.md", reason: "坏了" },
          { path: "new.md", reason: "坏了" },
        ],
      }),
    });
    expect(plan.manifest).toEqual([{ documentId: "a", contentHash: "1" }]);
    expect(plan).toMatchObject({ added: [], removed: [], unchanged: 1 });
  });

  it("keeps what came by add, and the folder's documents when only something is added", () => {
    const added = current("x", "1", "added");
    expect(planReload({ current: [added], library: library({}) }).manifest).toHaveLength(1);
    const plan = planReload({ current: [added, current("a", "1")], brought: [version("y", "1", "added")] });
    expect(plan.manifest.map(({ documentId }) => documentId)).toEqual(["a", "x", "y"]);
    expect(plan.added).toEqual(["题 y"]);
  });

  it("always takes the local data's documents", () => {
    const local = [version("local-hotlines", "2")];
    const plan = planReload({ current: [current("local-hotlines", "1")], library: library({}), local });
    expect(plan).toMatchObject({ changed: ["题 local-hotlines"], removed: [] });
  });

  it("takes a document with another standing only where it stays and was not read anew", () => {
    const restated = [version("a", "old+", "library"), version("b", "old+"), version("gone", "old+")];
    const plan = planReload({
      current: [current("a", "1"), current("b", "1"), current("gone", "1")],
      library: library({ versions: [version("b", "2")], unchangedPaths: ["a.md"] }),
      restated,
    });
    expect(plan.manifest).toEqual([
      { documentId: "a", contentHash: "old+" },
      { documentId: "b", contentHash: "2" },
    ]);
    expect(plan.removed).toEqual(["题 gone"]);
  });

  it("finds nothing to do where nothing changed", () => {
    const plan = planReload({ current: [current("a", "1")], library: library({ unchangedPaths: ["a.md"] }) });
    expect(plan).toMatchObject({ versions: [], added: [], changed: [], removed: [], unchanged: 1 });
  });
});
