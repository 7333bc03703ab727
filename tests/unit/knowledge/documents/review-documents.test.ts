import { describe, expect, it } from "vitest";
import { LawRegister } from "../../../../src/knowledge/documents/law-register.ts";
import { type ReadOptions, readLibrary } from "../../../../src/knowledge/documents/read-library.ts";
import { guideText, temporaryFolder, write } from "../../../support/knowledge-folder.ts";

const register = LawRegister.parse("laws: []");
/** A law of three articles; `begin` is what stands at its end. */
const law = (title: string, about: string, begin = "本法自公布之日起施行。", head = "") =>
  `# ${title}\n\n${head}\n\n第一条 为了${about}，制定本法。\n\n第二条 用人单位应当${about}，不得推脱。\n\n第三条 ${begin}\n`;
const articles = (words: string) =>
  Array.from(
    { length: 12 },
    (_, n) => `第${n + 1}条 ${words}第${n * 37}项事务由${n}${words}办理，期限${n * 3}日。`,
  ).join("\n\n");

async function warnings(
  files: Readonly<Record<string, string>>,
  options: Partial<ReadOptions> = {},
): Promise<Record<string, readonly string[]>> {
  const folder = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) await write(folder, path, content);
  const { versions, refused } = await readLibrary(folder, { origin: "library", register, ...options });
  expect(refused).toEqual([]);
  return Object.fromEntries(versions.map(({ document }) => [document.path, document.warnings]));
}

describe("what an import names", () => {
  it("is nothing for documents in order", async () => {
    const found = await warnings({
      "劳动法(2018-12-29).md": law("劳动法", "保护劳动者"),
      "工会法(2021-12-24).md": law("工会法", "组织工会"),
      "a.md": guideText("a", "甲", "正文甲。"),
      "b.md": guideText("b", "乙", "正文乙。"),
    });
    expect(Object.values(found).flat()).toEqual([]);
  });

  it("are the versions of one law, at each of them, and how they are used", async () => {
    const found = await warnings({
      "工会法(2001-10-27).md": law("工会法", "组织工会"),
      "中华人民共和国工会法（2021-12-24）.md": law("工会法", "组织和参加工会"),
      "劳动法(2018-12-29).md": law("劳动法", "保护劳动者"),
    });
    const named = expect.stringContaining("《工会法》有 2 个文本（2001-10-27、2021-12-24）");
    expect(found).toEqual({
      "工会法(2001-10-27).md": [named],
      "中华人民共和国工会法（2021-12-24）.md": [named],
      "劳动法(2018-12-29).md": [],
    });
  });

  it("are ten versions of one law, each with all their days, and that they are many", async () => {
    const days = Array.from({ length: 10 }, (_, n) => `20${String(10 + n)}-03-01`);
    const found = await warnings(
      Object.fromEntries(days.map((day, n) => [`工会法(${day}).md`, law("工会法", `组织工会${n}`)])),
    );
    for (const own of Object.values(found)) {
      expect(own).toEqual([expect.stringContaining("《工会法》有 10 个文本")]);
      for (const day of days) expect(own[0]).toContain(day);
      expect(own[0]).toContain("请核对是否都需要");
    }
  });

  it("are two versions that begin on one day: neither is chosen", async () => {
    const found = await warnings({
      "工会法(2021-12-24).md": law("工会法", "组织工会"),
      "工会法（修正）(2021-12-24).md": law("工会法", "参加工会"),
    });
    expect(found["工会法(2021-12-24).md"]).toContainEqual(
      expect.stringMatching(/工会法（修正）\(2021-12-24\)\.md.*同在 2021-12-24 生效，无法判断用哪一个/u),
    );
    expect(found["工会法（修正）(2021-12-24).md"]).toContainEqual(
      expect.stringContaining("无法判断用哪一个"),
    );
  });

  it("is a version without any date", async () => {
    const found = await warnings({
      "工会法(2021-12-24).md": law("工会法", "组织工会"),
      "工会法（修正稿）.md": law("工会法（修正）", "参加工会"),
    });
    expect(found["工会法（修正稿）.md"]).toContainEqual(expect.stringContaining("没有公布和生效日期"));
  });

  it("are dates that contradict each other", async () => {
    const found = await warnings({
      "guide.md": guideText("g", "题", "文。").replace("repealed:", "repealed: 2007-01-01"),
      "早法(2012-12-28).md": law("早法", "测试早", "本法自2008年1月1日起施行。"),
      "晚法(2012-12-28).md": law("晚法", "测试晚", "本法自2019年1月1日起施行。"),
      "修法(2012-12-28).md": law("修法", "测试修", "本法自2008年1月1日起施行。", "2012年12月28日 修正"),
      "名法(2002-12-28).md": law("名法", "测试名", "本法自2009年1月1日起施行。", "2008年12月28日 通过"),
    });
    expect(found["guide.md"]).toEqual([
      expect.stringContaining("生效日期 2008-01-01 不早于失效日期 2007-01-01"),
    ]);
    expect(found["早法(2012-12-28).md"]).toEqual([
      expect.stringContaining("2008-01-01 早于公布日期 2012-12-28"),
    ]);
    expect(found["晚法(2012-12-28).md"]).toEqual([
      expect.stringContaining("比公布日期 2012-12-28 晚了 6 年"),
    ]);
    expect(found["修法(2012-12-28).md"]).toEqual([expect.stringContaining("laws.yaml 里没有登记")]);
    expect(found["名法(2002-12-28).md"]).toContainEqual(
      expect.stringContaining("文件名里的日期 2002-12-28 早于"),
    );
  });

  it("is a place that nobody can ask from", async () => {
    const found = await warnings({
      "mars.md": guideText("mars", "火星产假", "文。").replace("region: 全国", "region: 火星"),
      "chengdu.md": guideText("chengdu", "成都", "文文。").replace("region: 全国", "region: 成都"),
    });
    expect(found["mars.md"]).toEqual([expect.stringContaining("适用地区“火星”")]);
    expect(found["chengdu.md"]).toEqual([]);
  });

  it("are duplicates and near-duplicates, at both, whatever they are called", async () => {
    const found = await warnings({
      "甲办法.md": `# 甲办法\n\n${articles("工会经费")}`,
      "copy/乙办法.md": `# 甲办法抄本办法\n\n${articles("工会经费")}\n\n附：另加一句。`,
      "丙办法.md": `# 丙办法\n\n${articles("劳动保护")}`,
      "e.txt": "职工来信一封，反映食堂饭菜。",
      "f.txt": "职工来信一封：反映食堂饭菜！",
    });
    expect(found["甲办法.md"]).toEqual([
      expect.stringMatching(/与“甲办法抄本办法”（copy\/乙办法\.md）内容约有 9\d% 相同/u),
    ]);
    expect(found["copy/乙办法.md"]).toEqual([expect.stringContaining("与“甲办法”（甲办法.md）内容约有")]);
    expect(found["丙办法.md"]).toEqual([]);
    expect(found["e.txt"]).toEqual([expect.stringContaining("（f.txt）内容完全相同")]);
  });

  it("is seen beside the documents that stay, and not beside those that go", async () => {
    const first = await temporaryFolder();
    await write(first, "工会法(2001-10-27).md", law("工会法", "组织工会"));
    const { versions } = await readLibrary(first, { origin: "added", register });
    const current = versions.map(({ document }) => ({ ...document, chunks: 3, fileHash: "", updatedAt: "" }));
    const files = { "工会法(2021-12-24).md": law("工会法", "参加工会") };
    expect((await warnings(files, { current }))["工会法(2021-12-24).md"]).toEqual([
      expect.stringContaining("《工会法》有 2 个文本"),
    ]);
    const gone = current.map((document) => ({ ...document, origin: "library" as const }));
    expect((await warnings(files, { current: gone }))["工会法(2021-12-24).md"]).toEqual([]);
  });
});

describe("the days of a law", () => {
  const begins = async (text: string, laws = "laws: []") => {
    const folder = await temporaryFolder();
    await write(folder, "试法(2012-12-28).md", text);
    const read = await readLibrary(folder, { origin: "library", register: LawRegister.parse(laws) });
    return read.versions[0]?.document.effective;
  };
  it.each([
    ["its own words", law("试法", "测试", "本法自2013年7月1日起施行。"), "2013-07-01"],
    ["its publication where it holds from then", law("试法", "测试"), "2012-12-28"],
    [
      "its publication where the day is the first edition's",
      law("试法", "测试", "本法自2008年1月1日起施行。", "2012年12月28日 修正"),
      "2012-12-28",
    ],
  ])("begin with %s", async (_, text, begin) => {
    expect(await begins(text)).toBe(begin);
  });

  it("begin as the register says, of the very text that it names", async () => {
    const text = law("试法", "测试", "本法自2008年1月1日起施行。", "2012年12月28日 修正");
    const entry = (published: string) =>
      `laws: [{ law: 试法, published: ${published}, status: in_force, effective: 2013-07-01, by: 修正 }]`;
    expect(await begins(text, entry("2012-12-28"))).toBe("2013-07-01");
    expect(await begins(text, entry("2011-12-28"))).toBe("2012-12-28");
  });
});
