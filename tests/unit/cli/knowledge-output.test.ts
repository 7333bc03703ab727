import { describe, expect, it } from "vitest";
import { printDocuments, printHits, printReport, progressBar } from "../../../src/cli/knowledge-output.ts";
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

  it("is a list with what is no longer in force, and says where nothing was found", () => {
    const document = {
      id: "a",
      kind: "law",
      region: "全国",
      chunks: 2,
      title: "信访条例",
      repealed: "2022-05-01",
    };
    expect(printDocuments([document])).toBe("a\tlaw\t全国\t2 段\t信访条例  已失效（2022-05-01）\n共 1 份\n");
    expect(printHits([])).toBe("没有找到相关内容\n");
  });
});
