import { chmod, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LawRegister } from "../../../../src/knowledge/documents/law-register.ts";
import { hasOtherStanding, withStanding } from "../../../../src/knowledge/documents/read-document.ts";
import { type ReadOptions, readLibrary } from "../../../../src/knowledge/documents/read-library.ts";
import type { StoredVersion } from "../../../../src/knowledge/knowledge-store.ts";
import { guideText, temporaryFolder, write } from "../../../support/knowledge-folder.ts";

const register = LawRegister.parse(
  "laws: [{ law: 信访条例, published: 2005-01-10, status: repealed, until: 2022-04-30, by: 新条例 }]",
);
const none = LawRegister.parse("laws: []");
const law =
  "# 信访条例\n\n第一条 为了保持联系，制定本条例。\n\n第二条 本条例所称信访。\n\n第三条 各级人民政府应当做好工作。\n";
/** "劳动合同应当以书面形式订立。" */
const gb18030 = Buffer.from("c0cdb6afbacfcdacd3a6b5b1d2d4cae9c3e6d0cecabdb6a9c1a2a1a3", "hex");

async function read(
  files: Readonly<Record<string, string | Uint8Array>>,
  options: Partial<ReadOptions> = {},
) {
  const folder = await temporaryFolder();
  for (const [path, content] of Object.entries(files)) await write(folder, path, content);
  return readLibrary(folder, { origin: "library", register, ...options });
}

/** Recognises these versions again, as the database does. */
function knownAs(versions: readonly StoredVersion[]): NonNullable<ReadOptions["knownAs"]> {
  return (path, fileHash) =>
    versions.find((version) => version.document.path === path && version.fileHash === fileHash)?.document.id;
}

describe("reading a folder", () => {
  it("refuses broken files by name with what to do, and the rest goes on", async () => {
    const { versions, refused } = await read({
      "a-empty.md": "",
      "b-blank.txt": " \n\n ",
      "c-bad-matter.md": guideText("c", "题", "文").replace("topic: work\n", ""),
      "d-no-body.md": guideText("d", "题", "文").split("# 题")[0] as string,
      "e-good.md": guideText("good", "好的", "正文。"),
      "f-gb.txt": gb18030,
      "g-noise.txt": Buffer.from([0x81, 0x30, 0xff, 0xfe, 0x00, 0x01, 0x02, 0x80]),
      "h-old.doc": Buffer.from("d0cf11e0a1b11ae1", "hex"),
    });
    expect(versions.map(({ document }) => document.path)).toEqual(["e-good.md", "f-gb.txt"]);
    expect(versions[1]?.document.text).toBe("劳动合同应当以书面形式订立。");
    expect(versions[1]?.document.warnings).toEqual([expect.stringContaining("GB18030")]);
    const reasons = Object.fromEntries(refused.map(({ path, reason }) => [path, reason]));
    expect(Object.keys(reasons)).toEqual([
      "a-empty.md",
      "b-blank.txt",
      "c-bad-matter.md",
      "d-no-body.md",
      "g-noise.txt",
      "h-old.doc",
    ]);
    expect(reasons["a-empty.md"]).toContain("0 字节");
    expect(reasons["c-bad-matter.md"]).toContain("topic");
    expect(reasons["d-no-body.md"]).toContain("没有文字");
    expect(reasons["h-old.doc"]).toContain("另存为 .docx");
  });

  it.skipIf(process.getuid?.() === 0)("refuses a file without permission", async () => {
    const folder = await temporaryFolder();
    await chmod(await write(folder, "secret.md", "文"), 0);
    const { refused } = await readLibrary(folder, { origin: "library", register });
    expect(refused).toEqual([{ path: "secret.md", reason: "没有读取这个文件的权限" }]);
  });

  it("refuses a file that goes away while it is read", async () => {
    const folder = await temporaryFolder();
    await write(folder, "a.md", "文");
    await mkdir(join(folder, "b"));
    const { versions, refused } = await readLibrary(folder, {
      origin: "library",
      register,
      knownAs: () => {
        throw Object.assign(new Error("gone"), { code: "ENOENT" });
      },
    });
    expect(versions).toEqual([]);
    expect(refused).toEqual([{ path: "a.md", reason: "读取时文件已经不在了" }]);
  });

  it("refuses the second of two files with one id and names the first", async () => {
    const { versions, refused } = await read({
      "a.md": guideText("same", "甲", "正文甲。"),
      "b.md": guideText("same", "乙", "正文乙。"),
    });
    expect(versions.map(({ document }) => document.title)).toEqual(["甲"]);
    expect(refused).toEqual([{ path: "b.md", reason: expect.stringContaining("编号 same 与 a.md 重复") }]);
  });

  it("keeps the file that has an id already, also where the newcomer comes first in order", async () => {
    const before = await read({ "b.md": guideText("same", "乙", "正文乙。") });
    const { versions, refused, unchangedPaths } = await read(
      { "a.md": guideText("same", "甲", "正文甲。"), "b.md": guideText("same", "乙", "正文乙。") },
      { knownAs: knownAs(before.versions) },
    );
    expect(versions).toEqual([]);
    expect(unchangedPaths).toEqual(["b.md"]);
    expect(refused.map(({ path }) => path)).toEqual(["a.md"]);
  });

  it("refuses an id that a document from elsewhere has", async () => {
    const { refused } = await read(
      { "a.md": guideText("same", "甲", "正文甲。") },
      { taken: new Map([["same", "添加的“乙”"]]) },
    );
    expect(refused[0]?.reason).toContain("编号 same 与 添加的“乙” 重复");
  });

  it("does not read a file again whose bytes are known, whatever the register says meanwhile", async () => {
    const files = { "a.md": guideText("a", "甲", "正文。"), "信访条例(2005-01-10).md": law };
    const before = await read(files);
    const after = await read(files, { register: none, knownAs: knownAs(before.versions) });
    expect(after.versions).toEqual([]);
    expect(after.unchangedPaths).toEqual(["a.md", "信访条例(2005-01-10).md"]);
  });

  it("takes a moved or rewritten file for another version of the same document", async () => {
    const [one] = (await read({ "a.md": guideText("a", "甲", "正文。") })).versions;
    const [moved] = (await read({ "b.md": guideText("a", "甲", "正文。") })).versions;
    const [rewritten] = (await read({ "a.md": guideText("a", "甲", "正文。").replaceAll("\n", "\r\n") }))
      .versions;
    expect(moved?.document.id).toBe(one?.document.id);
    expect(new Set([one, moved, rewritten].map((version) => version?.document.contentHash)).size).toBe(3);
    expect(rewritten?.document.text).toBe(one?.document.text);
  });

  it("describes a law by its name, date, place and standing", async () => {
    const { versions } = await read({
      "信访条例(2005-01-10).md": law,
      "重庆市工会条例（2011-11-29）.md": law.replace("信访条例", "重庆市工会条例"),
      "关于加强城市管理的通知.txt": "关于加强城市管理的通知\n各单位要做好工作。",
      "劳动力市场管理规定.md": "# 劳动力市场管理规定\n\n内容。",
      "广西壮族自治区实施办法.md": "# 广西壮族自治区实施办法\n\n内容。",
      "深圳市员工工资支付条例.md": "# 深圳市员工工资支付条例\n\n内容。",
    });
    const described = Object.fromEntries(
      versions.map(({ document: { title, kind, region, published, repealed } }) => [
        title,
        { kind, region, published, repealed },
      ]),
    );
    expect(described).toMatchObject({
      信访条例: { kind: "law", region: "全国", published: "2005-01-10", repealed: "2022-05-01" },
      重庆市工会条例: { kind: "law", region: "重庆", published: "2011-11-29" },
      关于加强城市管理的通知: { kind: "document", region: "全国" },
      劳动力市场管理规定: { region: "全国" },
      广西壮族自治区实施办法: { region: "广西" },
      深圳市员工工资支付条例: { region: "深圳" },
    });
  });

  it("gives the same title with another date another id", async () => {
    const { versions } = await read({ "信访条例(2005-01-10).md": law, "信访条例(2024-01-01).md": law });
    expect(new Set(versions.map(({ document }) => document.id)).size).toBe(2);
    expect(versions[1]?.document.repealed).toBeUndefined();
  });

  it("stops between two files when it is told to", async () => {
    const stop = new AbortController();
    const reading = read(
      { "a.md": "甲文", "b.md": "乙文" },
      { signal: stop.signal, onProgress: () => stop.abort(new Error("stopped")) },
    );
    await expect(reading).rejects.toThrow("stopped");
  });

  it("tells how far it is", async () => {
    const seen: number[][] = [];
    await read({ "a.md": "甲文", "b.md": "乙文" }, { onProgress: (...progress) => seen.push(progress) });
    expect(seen).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });
});

describe("a law whose standing changes after it was read", () => {
  it("gets it without its file, as another version with other chunks", async () => {
    const [version] = (await read({ "信访条例(2005-01-10).md": law }, { register: none })).versions;
    if (version === undefined) throw new Error("the law was not read");
    const summary = { ...version.document, chunks: 3, fileHash: version.fileHash, updatedAt: "" };
    expect(hasOtherStanding(summary, none)).toBe(false);
    expect(hasOtherStanding(summary, register)).toBe(true);
    const restated = withStanding(version, register);
    expect(restated.document).toMatchObject({ repealed: "2022-05-01", repealedBy: "新条例" });
    expect(restated.document.contentHash).not.toBe(version.document.contentHash);
    expect(restated.chunks[0]?.contentHash).toBe(restated.document.contentHash);
    const back = withStanding(restated, none);
    expect(back).toEqual(version);
  });
});
