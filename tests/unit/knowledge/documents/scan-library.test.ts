import { symlink, truncate } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { scanLibrary } from "../../../../src/knowledge/documents/scan-library.ts";
import { temporaryFolder, write } from "../../../support/knowledge-folder.ts";

async function folderWith(...paths: readonly string[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const path of paths) await write(folder, path, "内容");
  return folder;
}

const pathsOf = async (folder: string, origin: "library" | "added" = "library") =>
  (await scanLibrary(folder, origin)).map(({ path }) => path);

describe("the list of a folder's documents", () => {
  it("is in the order of paths and passes over what is no document", async () => {
    const folder = await folderWith(
      "guides/b.md",
      "guides/a.md",
      "law.TXT",
      "README.md",
      "guides/README.zh-CN.md",
      ".hidden/a.md",
      "guides/.draft.md",
      "guides/~$notice.docx",
      "photo.png",
      "node_modules/x/a.md",
      "local/chongqing/hotlines.md",
      "tables/a.md",
      "flows/a.md",
      "golden/a.md",
    );
    expect(await pathsOf(folder)).toEqual(["guides/a.md", "guides/b.md", "law.TXT"]);
  });

  it("takes every folder of what is added: only the knowledge folder has folders for something else", async () => {
    const folder = await folderWith("local/a.md", "tables/b.md", "local.md");
    expect(await pathsOf(folder, "added")).toEqual(["local.md", "local/a.md", "tables/b.md"]);
    expect(await pathsOf(folder)).toEqual(["local.md"]);
  });

  it("names office files that cannot be read, so that they are refused and not passed over", async () => {
    const folder = await folderWith("通知.doc", "表.xlsx", "公文.ofd");
    expect(await pathsOf(folder)).toEqual(["公文.ofd", "表.xlsx", "通知.doc"].sort());
  });

  it("follows links to files, as mounted configuration has them, and no others", async () => {
    const folder = await folderWith("real/a.txt");
    await symlink(join(folder, "real/a.txt"), join(folder, "linked.md"));
    await symlink(join(folder, "gone.md"), join(folder, "dangling.md"));
    await symlink(folder, join(folder, "loop"));
    expect(await pathsOf(folder)).toEqual(["linked.md", "real/a.txt"]);
  });

  it("of a single file is that file, whatever its ending", async () => {
    const folder = await folderWith("a.xyz");
    const [file] = await scanLibrary(join(folder, "a.xyz"), "added");
    expect(file?.path).toBe("a.xyz");
    expect(Buffer.from((await file?.read()) ?? []).toString()).toBe("内容");
  });

  it("is refused where the path does not exist", async () => {
    await expect(scanLibrary("/nowhere/at/all", "added")).rejects.toMatchObject({
      code: "knowledge.document_refused",
      message: "找不到 /nowhere/at/all，请检查路径",
    });
  });

  it("does not load a file of gigabytes to refuse it", async () => {
    const folder = await folderWith("huge.txt");
    await truncate(join(folder, "huge.txt"), 8 * 1024 ** 3);
    const [file] = await scanLibrary(folder, "library");
    await expect(file?.read()).rejects.toMatchObject({ code: "knowledge.document_refused" });
  });
});
