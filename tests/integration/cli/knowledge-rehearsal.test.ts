import { expect, it } from "vitest";
import { jsonLines, runCli } from "../../support/cli-process.ts";
import { temporaryDataFolder } from "../../support/data-folder.ts";
import { guideText, makeKnowledge, sampleGuides, write } from "../../support/knowledge-folder.ts";

const golden = `${JSON.stringify({ id: "heat-1", question: "高温津贴怎么办", guide: "heat", expect: "三十五度" })}\n`;

it("a reload that makes answers worse ends with 1 and says which; with a reason it goes live and is on record", async () => {
  const folder = await makeKnowledge({ ...sampleGuides, "golden/heat.jsonl": golden });
  const settings = { DATA_DIR: await temporaryDataFolder(), KNOWLEDGE_DIR: folder, LOG_LEVEL: "warn" };
  const knowledge = (...args: readonly string[]) => runCli(["knowledge", ...args], settings);
  expect(await knowledge("reload")).toMatchObject({ code: 0, stderr: "" });
  await write(folder, "guides/heat.md", guideText("heat", "高温津贴", "四十度以上露天作业停工。"));

  const refused = await knowledge("reload");
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("没有启用：试答时有 1 个问题答得不如原来。原来的资料继续使用\n");
  expect(refused.stderr).toContain("✗ 标准题 heat-1：高温津贴怎么办");
  expect(refused.stderr).toContain("--accept “理由”");

  const asJson = await knowledge("reload", "--json");
  expect(asJson).toMatchObject({ code: 1, stderr: "" });
  expect(jsonLines(asJson.stdout)).toMatchObject([
    {
      error: { code: "knowledge.rehearsal_failed" },
      rehearsal: { blocking: 1, answers: [{ id: "heat-1" }] },
    },
  ]);

  const accepted = await knowledge("reload", "--accept", "新办法", "--json");
  expect(jsonLines(accepted.stdout)).toMatchObject([{ changed: ["高温津贴"], rehearsal: { blocking: 1 } }]);
  const events = jsonLines((await knowledge("history", "--json")).stdout);
  expect(events).toMatchObject([
    { event: "accepted", reason: "新办法", by: expect.any(String) },
    { event: "refused" },
    { event: "refused" },
    { event: "first" },
  ]);
  expect((await knowledge("history", String(events[0]?.generation))).stdout).toContain("标准题 heat-1");
  expect((await knowledge("rollback")).stdout).toMatch(
    /已恢复资料第 \d+ 版：6 份文件，\d+ 段，用时 \d+\.\d{2} 秒/u,
  );
  expect((await knowledge("reload")).stderr).toContain("没有再次启用");
  expect((await knowledge("cited", "heat")).stdout).toBe("没有回答引用过它\n");
  expect(await knowledge("cited", "heat", "--since", "2026-13-01")).toMatchObject({
    code: 1,
    stderr: "日期要写成 2026-01-31\n",
  });
}, 180_000);
