import { describe, expect, it } from "vitest";
import { isInForce } from "../../../../src/knowledge/documents/in-force.ts";
import { lawIdOf } from "../../../../src/knowledge/documents/law-name.ts";
import {
  type LawVersion,
  lawOf,
  linkVersions,
  versionsByLaw,
  withVersions,
} from "../../../../src/knowledge/documents/law-versions.ts";

const version = (id: string, dates: Partial<LawVersion> = {}): LawVersion => ({
  id,
  title: "工会法",
  kind: "law",
  ...dates,
});

describe("the law that a title names", () => {
  it.each([
    ["中华人民共和国工会法", "工会法"],
    ["工会法（2021年修正）", "工会法"],
    ["《中华人民共和国工会法》(2021-12-24)", "工会法"],
    ["工会法（第三次修正）", "工会法"],
    ["工伤保险条例（2010修订）", "工伤保险条例"],
    [
      "最高人民法院关于审理劳动争议案件适用法律问题的解释（一）",
      "关于审理劳动争议案件适用法律问题的解释(一)",
    ],
    [
      "最高人民法院关于审理劳动争议案件适用法律问题的解释（二）",
      "关于审理劳动争议案件适用法律问题的解释(二)",
    ],
    ["劳务派遣办法（试行）", "劳务派遣办法(试行)"],
  ])("%s: %s", (title, law) => {
    expect(lawIdOf(title)).toBe(law);
  });

  it("is none for guides, the federation's own data and reports", () => {
    expect(lawOf({ kind: "guide", title: "工会法" })).toBeUndefined();
    expect(lawOf({ kind: "local", title: "工会条例" })).toBeUndefined();
    expect(lawOf({ kind: "document", title: "2024年工作报告" })).toBeUndefined();
    expect(lawOf({ kind: "document", title: "工会法（2021年修正）" })).toBe("工会法");
  });
});

describe("the versions of a law", () => {
  const old = version("a", { published: "2001-10-27" });
  const middle = version("b", { published: "2009-08-27", title: "中华人民共和国工会法" });
  const last = version("c", { published: "2021-12-24", effective: "2022-01-01" });

  it("end where the next one begins, in whatever order they come", () => {
    const linked = linkVersions([last, old, middle]);
    expect(linked.map(({ id, effective, repealed }) => [id, effective, repealed])).toEqual([
      ["c", "2022-01-01", undefined],
      ["a", "2001-10-27", "2009-08-27"],
      ["b", "2009-08-27", "2022-01-01"],
    ]);
    for (const [day, id] of [
      ["2001-10-26", undefined],
      ["2009-08-26", "a"],
      ["2021-12-31", "b"],
      ["2022-01-01", "c"],
    ])
      expect(linked.filter((one) => isInForce(one, day ?? "")).map((one) => one.id)).toEqual(
        id === undefined ? [] : [id],
      );
  });

  it("keep the end that somebody stated, with its reason", () => {
    const stated = { ...old, repealed: "2005-01-01", repealedBy: "另有规定" };
    expect(linkVersions([stated, last])[0]).toMatchObject({ repealed: "2005-01-01", repealedBy: "另有规定" });
  });

  it("do not end each other where they begin on one day, or where one has no date", () => {
    const twin = version("d", { effective: "2022-01-01" });
    const undated = version("e");
    const linked = linkVersions([old, last, twin, undated]);
    expect(linked.map(({ repealed }) => repealed)).toEqual(["2022-01-01", undefined, undefined, undefined]);
    expect(linked[3]).toBe(undated);
  });

  it("are only those of one law; a law with one version is left as it is", () => {
    const other = version("x", { title: "劳动法", published: "2018-12-29" });
    const guide = version("g", { kind: "guide", effective: "2025-01-01" });
    expect(linkVersions([old, other, guide])).toEqual([old, other, guide]);
    expect([...versionsByLaw([old, other, guide]).keys()]).toEqual([]);
  });

  it("are the documents of passages, each with one document that is the same for all its passages", () => {
    const passages = [old, old, last].map((document, n) => ({ document, n }));
    const linked = withVersions(passages);
    expect(linked.map(({ document: { id, repealed }, n }) => [id, repealed, n])).toEqual([
      ["a", "2022-01-01", 0],
      ["a", "2022-01-01", 1],
      ["c", undefined, 2],
    ]);
    expect(linked[0]?.document).toBe(linked[1]?.document);
    const alone = [{ document: old }];
    expect(withVersions(alone)).toBe(alone);
  });
});
