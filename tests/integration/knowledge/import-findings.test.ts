import { describe, expect, it } from "vitest";
import { openTemporaryPglite } from "../../support/databases.ts";
import { makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { openLibrary } from "../../support/knowledge-library.ts";

const articles = (words: string, count = 14) =>
  Array.from(
    { length: count },
    (_, n) => `第${n + 1}条 ${words}第${n * 37 + 1}项由${words}办公室在${n * 3 + 2}日内办理，并告知职工。`,
  ).join("\n\n");

describe("what a library says of documents beside those that serve", () => {
  it("names versions, duplicates and the days of each, in the reports of both ways in", async ({
    onTestFinished,
  }) => {
    const { database, remove } = await openTemporaryPglite("migrated");
    onTestFinished(remove);
    const folder = await makeKnowledge();
    const { library } = await openLibrary(database, folder);
    await library.start();
    const files = await temporaryFolder();
    const old = await write(
      files,
      "困难职工帮扶办法(2015-03-01).md",
      `# 困难职工帮扶办法\n\n${articles("帮扶")}\n`,
    );
    const next = await write(
      files,
      "困难职工帮扶办法(2024-03-01).md",
      `# 困难职工帮扶办法\n\n${articles("帮扶", 15)}\n`,
    );
    const copy = await write(files, "帮扶工作手册.txt", articles("帮扶"));
    expect((await library.add([old])).warnings).toEqual([]);

    const { warnings } = await library.add([next, copy]);
    expect(warnings.map(({ title, warning }) => `${title}：${warning}`)).toEqual([
      expect.stringMatching(/^困难职工帮扶办法：《困难职工帮扶办法》有 2 个文本（2015-03-01、2024-03-01）/u),
      expect.stringMatching(/^帮扶工作手册：与“困难职工帮扶办法”.*\(2015-03-01\)\.md）内容完全相同/u),
      expect.stringMatching(/^帮扶工作手册：与“困难职工帮扶办法”.*内容约有 9\d% 相同/u),
    ]);

    const listed = (await library.list()).filter(({ title }) => title === "困难职工帮扶办法");
    expect(
      listed.map(({ published, effective, repealed }) => [published, effective, repealed]).sort(),
    ).toEqual([
      ["2015-03-01", "2015-03-01", "2024-03-01"],
      ["2024-03-01", "2024-03-01", undefined],
    ]);
    for (const [asOf, published] of [
      ["2020-01-01", "2015-03-01"],
      ["2025-01-01", "2024-03-01"],
    ] as const) {
      const found = await library.pin().search({ text: "困难职工帮扶办法", limit: 40, asOf });
      const versions = found.filter(({ document }) => document.title === "困难职工帮扶办法");
      expect(new Set(versions.map(({ document }) => document.published))).toEqual(new Set([published]));
    }

    await write(folder, "guides/same.md", `# 另一个名字\n\n${articles("帮扶")}\n`);
    const reloaded = await library.reload();
    expect(reloaded.warnings.map(({ title }) => title)).toEqual(expect.arrayContaining(["另一个名字"]));
    expect((await library.reload()).warnings).toEqual([]);
  });
});
