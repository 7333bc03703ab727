import { describe, expect, it } from "vitest";
import { printReport } from "../../../src/cli/knowledge-output.ts";
import { printCited, printHistory, printRefusal, rehearsalLines } from "../../../src/cli/rehearsal-output.ts";
import type { CitingAnswers } from "../../../src/knowledge/knowledge-store.ts";
import type { ChangedAnswer, RehearsalReport } from "../../../src/knowledge/rehearsal/rehearsal-report.ts";

const worse: ChangedAnswer = {
  kind: "golden",
  id: "heat-1",
  question: "高温津贴\n怎么发",
  verdict: "worse",
  blocks: true,
  before: { state: "grounded", source: "高温津贴 › 规定", met: true },
  after: { state: "nothing_found", met: false },
};
const report: RehearsalReport = {
  golden: { asked: 150, metBefore: 140, metAfter: 139 },
  real: { asked: 80, lost: 0 },
  better: 0,
  worse: 1,
  changed: 4,
  blocking: 1,
  unasked: 0,
  answers: [worse],
  milliseconds: 1_230,
};
const cited: CitingAnswers = {
  documentId: "heat",
  title: "高温津贴",
  answers: 3,
  conversations: 2,
  latest: [{ conversationId: "k1", answers: 2, last: "2026-03-01T20:00:00.000Z" }],
  first: "2026-02-01T20:00:00.000Z",
  last: "2026-03-01T20:00:00.000Z",
};

describe("a rehearsal, as an editor reads it", () => {
  it("is figures, then each answer that got worse with its source before and now", () => {
    expect(rehearsalLines(report)).toEqual([
      "  试答 标准题 150 道，真实提问 80 个（1.2 秒）：标准题答对 140 → 139 道",
      "    变好 0 个，变差 1 个，其他变化 4 个",
      "    ✗ 标准题 heat-1：高温津贴 怎么发",
      "        原来 高温津贴 › 规定",
      "        现在 没有找到（答得不对）",
    ]);
  });

  it("says what was lost of real questions, what was not asked, and how many more got worse", () => {
    const real: ChangedAnswer = {
      kind: "real",
      verdict: "worse",
      blocks: true,
      before: { state: "grounded", source: "高温津贴" },
      after: { state: "out_of_scope" },
    };
    const text = rehearsalLines({
      ...report,
      golden: { asked: 3, metAfter: 2 },
      real: { asked: 20, lost: 20 },
      worse: 20,
      unasked: 7,
      answers: Array.from({ length: 20 }, () => real),
    }).join("\n");
    expect(text).toContain("标准题答对 2 道，真实提问里 20 个原来有回答、现在没有");
    expect(text).toContain("时间不够，还有 7 个问题没有试");
    expect(text).toContain("    ✗ 真实提问\n        原来 高温津贴\n        现在 不在服务范围");
    expect(text).toContain("…… 变差的还有 8 个");
  });

  it("is nothing where nothing was asked", () => {
    expect(
      rehearsalLines({
        ...report,
        golden: { asked: 0, metAfter: 0 },
        real: { asked: 0, lost: 0 },
        answers: [],
      }),
    ).toEqual([]);
  });

  it("that keeps a generation from going live ends with what can be done", () => {
    const lines = printRefusal("第 7 版没有启用", report).trimEnd().split("\n");
    expect(lines[0]).toBe("第 7 版没有启用");
    expect(lines.at(-1)).toContain("--accept “理由”");
  });
});

describe("answers that cited a document", () => {
  it("are counted, with the conversations and times of here", () => {
    expect(printCited(cited)).toBe(
      "高温津贴（heat）：3 个回答，2 个对话，2026-02-02 至 2026-03-02\nk1\t2 个回答\t最近 2026-03-02 04:00:00\n…… 还有 1 个更早的对话\n",
    );
    expect(printCited(null)).toBe("没有回答引用过它\n");
  });

  it("are told with the change that they rest on", () => {
    const text = printReport({
      added: [],
      changed: ["高温津贴"],
      removed: [],
      unchanged: 3,
      refused: [],
      warnings: [],
      generation: 4,
      documents: 3,
      chunks: 12,
      milliseconds: 1_234,
      rehearsal: report,
      cited: [cited],
    });
    expect(text).toContain("  试答 标准题 150 道");
    expect(text).toContain(
      "  以前的回答引用过其中 1 份，请看看要不要更正（knowledge cited 编号 可看全部）\n" +
        "    高温津贴（heat）：3 个回答，2 个对话，2026-02-02 至 2026-03-02\n      对话 k1 ……\n",
    );
  });
});

describe("the history", () => {
  it("is a line an event, with reason, account and rehearsal", () => {
    const at = "2026-03-01T08:00:00.000Z";
    expect(
      printHistory([
        { event: "rolled_back", generation: 2, against: 3, by: "laowang", at },
        { event: "accepted", generation: 3, against: 2, reason: "新办法", by: "laowang", report, at },
        { event: "refused", generation: 4, against: 3, at },
        { event: "measured", generation: 5, against: 3, reason: "读不出来", at },
        { event: "first", generation: 1, at },
      ]),
    ).toBe(
      [
        "2026-03-01 16:00:00\t第 2 版\t恢复使用（换下第 3 版）\tlaowang",
        "2026-03-01 16:00:00\t第 3 版\t写明理由后启用（换下第 2 版）\tlaowang",
        "  理由：新办法",
        ...rehearsalLines(report),
        "2026-03-01 16:00:00\t第 4 版\t没有启用",
        "2026-03-01 16:00:00\t第 5 版\t直接启用（换下第 3 版）",
        "  没有试答：读不出来",
        "2026-03-01 16:00:00\t第 1 版\t第一版，启用",
        "",
      ].join("\n"),
    );
    expect(printHistory([])).toBe("还没有记录\n");
  });
});
