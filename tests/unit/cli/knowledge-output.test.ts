import { describe, expect, it } from "vitest";
import {
  hitRecord,
  listedDocument,
  printDocuments,
  printHits,
  printReport,
  progressBar,
} from "../../../src/cli/knowledge-output.ts";
import type { DocumentSummary } from "../../../src/knowledge/knowledge-store.ts";
import type { ReloadReport } from "../../../src/knowledge/reload-report.ts";

const report: ReloadReport = {
  added: [],
  changed: [],
  removed: [],
  unchanged: 3,
  refused: [],
  warnings: [],
  generation: 4,
  documents: 3,
  chunks: 12,
  milliseconds: 1_234,
};

describe("what an editor reads", () => {
  it("is one line of figures where nothing changed", () => {
    expect(printReport(report)).toBe("资料第 4 版正在使用：3 份文件，12 段，用时 1.23 秒\n  未变 3 份\n");
  });

  it("names what changed, what was refused and why, and what to look at", () => {
    const text = printReport({
      ...report,
      added: Array.from({ length: 15 }, (_, i) => `新${i}`),
      removed: ["旧"],
      refused: [{ path: "a.md", reason: "坏了" }],
      warnings: [{ title: "法", warning: "已失效" }],
    });
    expect(text).toContain("新增 15 份\n    新0");
    expect(text).toContain("…… 还有 3 份");
    expect(text).not.toContain("新12");
    expect(text).toContain("移除 1 份\n    旧");
    expect(text).toContain("没有收下 1 份（已有的旧版继续使用）\n    a.md：坏了");
    expect(text).toContain("请留意 1 条\n    法：已失效");
  });

  it("is a bar that never leaves its width", () => {
    expect(progressBar({ stage: "reading", done: 1, total: 2 })).toBe(
      `${"█".repeat(12)}${"░".repeat(12)}  50% 读取文件 1/2`,
    );
    expect(progressBar({ stage: "vectors", done: 0, total: 0 })).toContain("100% 向量索引");
    expect(progressBar({ stage: "words", done: 9, total: 3 })).toContain(`${"█".repeat(24)} 100%`);
  });

  it("says where nothing was found", () => {
    expect(printHits([])).toBe("没有找到相关内容\n");
  });
});

const law: DocumentSummary = {
  id: "a",
  origin: "added",
  path: "a.md",
  title: "信访条例",
  kind: "law",
  region: "全国",
  audience: [],
  sources: [],
  contentHash: "1",
  warnings: [],
  chunks: 2,
  fileHash: "2",
  updatedAt: "2022-01-01T00:00:00.000Z",
};

describe("a listed document", () => {
  const dated = { ...law, published: "2005-01-10", effective: "2005-05-01", repealed: "2022-05-01" };

  it.each([
    ["2005-04-30", "  还没施行（2005-05-01 起）"],
    ["2005-05-01", "  现行（到 2022-05-01 失效）"],
    ["2022-04-30", "  现行（到 2022-05-01 失效）"],
    ["2022-05-01", "  已失效（2022-05-01）"],
  ])("on %s is shown with%s", (today, note) => {
    expect(printDocuments([listedDocument(dated, today)])).toBe(
      `a\tlaw\t全国\t2 段\t信访条例${note}\n共 1 份\n`,
    );
  });

  it("without dates is shown without a note, and has its rank and place", () => {
    const listed = listedDocument({ ...law, region: "重庆", title: "重庆市职工权益保障条例" }, "2026-01-01");
    expect(printDocuments([listed])).toContain("重庆市职工权益保障条例\n");
    expect(listed).toEqual({
      id: "a",
      kind: "law",
      chunks: 2,
      title: "重庆市职工权益保障条例",
      region: "重庆",
      rank: "local_rule",
      status: "in_force",
    });
  });

  it("that a search found tells the same of place, rank and dates", () => {
    const hit = hitRecord({
      chunk: {
        id: "a#1",
        documentId: "a",
        contentHash: "1",
        ordinal: 0,
        section: 0,
        path: ["第一章"],
        text: "第一条",
      },
      document: { ...dated, questions: [] },
      score: 1,
      coverage: 1,
      similarity: 1,
    });
    expect(hit).toMatchObject({
      region: "全国",
      rank: "administrative_regulation",
      published: "2005-01-10",
      effective: "2005-05-01",
      repealed: "2022-05-01",
    });
  });
});
