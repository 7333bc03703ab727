import { describe, expect, it } from "vitest";
import { loadInMemory } from "../../../src/knowledge/in-memory-knowledge.ts";
import { makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { tools } from "../../support/knowledge-tools.ts";

const load = (root: string, more: object = {}) =>
  loadInMemory(root, { ...tools, federation: "chongqing", ...more });

describe("knowledge in memory", () => {
  it("answers from a folder and its local data, and names what it refused", async () => {
    const folder = await makeKnowledge();
    await write(folder, "guides/broken.md", "");
    const knowledge = await load(folder);
    expect(knowledge.refused.map(({ path }) => path)).toEqual(["guides/broken.md"]);
    expect(knowledge.local().federation.region).toBe("重庆");
    const found = await knowledge.pin().search({ text: "高温津贴", limit: 3 });
    expect(found[0]?.document.id).toBe("heat");
    expect(knowledge.pin().passagesOf("local-hotlines").length).toBeGreaterThan(3);
  });

  it("completes a folder of documents alone with the shipped settings", async () => {
    const folder = await temporaryFolder();
    await write(
      folder,
      "信访条例(2005-01-10).md",
      "# 信访条例\n\n第一条 甲。\n\n第二条 乙。\n\n第三条 丙。\n",
    );
    const knowledge = await load(folder);
    expect(knowledge.local().federation.name).toBe("重庆市总工会");
    const [hit] = await knowledge.pin().search({ text: "信访条例第二条", limit: 1 });
    expect(hit?.document.repealed).toBe("2022-05-01");
  });

  it("says of a folder that is not there that the library is unavailable, and still has the hotlines", async () => {
    const knowledge = await load("/nowhere");
    expect(() => knowledge.pin()).toThrow(expect.objectContaining({ code: "knowledge.library_unavailable" }));
    expect(knowledge.refused).toEqual([{ path: "/nowhere", reason: "找不到 /nowhere，请检查路径" }]);
    expect(knowledge.local().hotlines.length).toBeGreaterThan(3);
  });

  it("refuses a federation that has no local data", async () => {
    await expect(load(await makeKnowledge(), { federation: "atlantis" })).rejects.toThrow("atlantis/");
  });
});
