import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { jsonLines, runCli, startCli } from "../../support/cli-process.ts";
import { temporaryDataFolder } from "../../support/data-folder.ts";
import { guideText, makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";
import { startServiceProcess } from "../../support/service-process.ts";

async function setUp() {
  const folder = await makeKnowledge();
  const settings = { DATA_DIR: await temporaryDataFolder(), KNOWLEDGE_DIR: folder, LOG_LEVEL: "warn" };
  const knowledge = (...args: readonly string[]) => runCli(["knowledge", ...args], settings);
  return { folder, settings, knowledge };
}

const subsidy = "# 食堂补贴办法\n\n职工食堂每餐补贴八元。\n";

describe("knowledge, without a running service", () => {
  it("is reloaded, added to, listed, searched, removed and rolled back", async () => {
    const { folder, knowledge } = await setUp();
    await write(folder, "guides/broken.md", "---\nid: X\n---\n文");
    const first = await knowledge("reload");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.stdout).toContain("新增 6 份");
    expect(first.stdout).toContain("没有收下 1 份");
    expect(first.stdout).toMatch(/guides\/broken\.md：文件开头的说明有误：id: /u);

    const file = await write(await temporaryFolder(), "食堂补贴办法.md", subsidy);
    const adding = await knowledge("add", file, "/nowhere.md");
    expect(adding.code).toBe(1);
    expect(adding.stdout).toContain("新增 1 份\n    食堂补贴办法");
    expect(adding.stdout).toContain("找不到 /nowhere.md");

    const listed = jsonLines((await knowledge("list", "--json")).stdout);
    expect(listed).toHaveLength(7);
    expect(await knowledge("remove", "nothing")).toMatchObject({
      code: 1,
      stdout: "",
      stderr: "没有编号为 nothing 的文件，用 knowledge list 查看编号\n",
    });
    const { id } = listed.find(({ title }) => title === "食堂补贴办法") as { id: string };

    const hits = jsonLines((await knowledge("search", "食堂补贴", "--top", "2", "--json")).stdout);
    expect(hits[0]).toMatchObject({ documentId: id, text: "职工食堂每餐补贴八元。" });
    expect(hits.length).toBeLessThanOrEqual(2);

    expect((await knowledge("remove", id)).stdout).toContain("移除 1 份\n    食堂补贴办法");
    expect((await knowledge("search", "食堂补贴")).stdout).not.toContain("食堂补贴办法");
    expect((await knowledge("rollback")).stdout).toContain("已恢复资料");
    const after = await knowledge("list");
    expect(after.stdout).not.toContain("食堂补贴办法");
    expect(after.stdout).toContain("共 6 份");
  });

  it.each([
    [["search"], "请写下要检索的话"],
    [["search", "a", "--batch", "b"], "--batch 要和 --corpus 一起用"],
    [["search", "a", "--top", "500"], "--top 最多 200"],
  ])("%j ends with one line that says what to do, before anything is opened", async (args, told) => {
    const { code, stdout, stderr } = await runCli(["knowledge", ...args], { DATA_DIR: "/nowhere/at/all" });
    expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: "", stderr: expect.stringContaining(told) });
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("goes on with the former generation after Ctrl+C", async () => {
    const { folder, settings, knowledge } = await setUp();
    await knowledge("reload");
    for (let i = 0; i < 150; i++) {
      const text = guideText(`more-${i}`, `第${i}件`, `第${i}件事的说明。`.repeat(20));
      await write(folder, `guides/more-${i}.md`, text);
    }
    const started = performance.now();
    await knowledge("list");
    const opening = performance.now() - started;
    const cli = startCli(["knowledge", "reload"], settings);
    // After the folder was opened, and before so many guides can be stored and indexed.
    await Promise.race([delay(opening), cli.ended]);
    cli.kill("SIGINT");
    const { code, stdout, stderr } = await cli.ended;
    if (code === 0) expect(stdout).toContain("新增 150 份");
    else
      expect({ code, stdout, stderr }).toEqual({
        code: 130,
        stdout: "",
        stderr: "已取消，原来的资料继续使用\n",
      });
    const hits = jsonLines((await knowledge("search", "高温津贴", "--json")).stdout);
    expect(hits[0]?.document).toBe("高温津贴");
  });
});

describe("search over a foreign corpus", () => {
  it("prints one line of hits for every line of the batch, and opens no data folder", async () => {
    const folder = await temporaryFolder();
    const corpus = await write(
      folder,
      "corpus.jsonl.gz",
      gzipSync(
        '{"id":1,"text":"支付二倍工资","law":"劳动合同法"}\n{"id":"b","text":"带薪年休假","note":"探亲假"}\n',
      ),
    );
    const batch = await write(
      folder,
      "q.jsonl",
      '{"id":"x","text":"二倍工资"}\n\n{"question":"探亲"}\nbad\n{"id":9}\n',
    );
    const { code, stdout, stderr } = await runCli(
      ["knowledge", "search", "--corpus", corpus, "--batch", batch, "--top", "3", "--json"],
      { DATA_DIR: "/nowhere/that/could/be/made" },
    );
    expect(code).toBe(0);
    const [first, second, ...rest] = jsonLines(stdout) as {
      id: string;
      hits: { id: unknown; score: number }[];
    }[];
    expect(first).toMatchObject({ id: "x" });
    expect(first?.hits[0]?.id).toBe(1);
    expect(second).toMatchObject({ id: "2" });
    expect(second?.hits[0]?.id).toBe("b");
    expect(rest).toEqual([]);
    expect(stderr).toContain("第 4 行：不是 JSON");
    expect(stderr).toContain("第 5 行：没有");
  });

  it.each([
    ["missing", undefined, "没有这个文件"],
    ["broken", '{"id":1}\n', "第 1 行要有"],
  ])("that is %s ends with one line", async (_, content, told) => {
    const folder = await temporaryFolder();
    const file = join(folder, "c.jsonl");
    if (content !== undefined) await write(folder, "c.jsonl", content);
    const { code, stderr } = await runCli(["knowledge", "search", "--corpus", file, "问"], {});
    expect(code).toBe(1);
    expect(stderr).toContain(told);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

describe("knowledge, while the service runs", () => {
  it("is changed in the service, through its control socket", async () => {
    const { folder, settings, knowledge } = await setUp();
    const service = await startServiceProcess(settings);
    try {
      const unchanged = await knowledge("reload");
      expect(unchanged).toMatchObject({ code: 0, stderr: "" });
      expect(unchanged.stdout).toContain("未变 6 份");

      await write(folder, "guides/new.md", guideText("new", "食堂津贴", "食堂津贴每月一百元。"));
      await rm(join(folder, "guides/heat.md"));
      const [one, other] = await Promise.all([knowledge("reload"), knowledge("reload")]);
      const told = [one, other].filter(({ code }) => code === 1);
      for (const { stderr } of told) expect(stderr).toBe("资料正在更新，请等这一次结束再试\n");
      expect([one, other].some(({ stdout }) => stdout.includes("新增 1 份\n    食堂津贴"))).toBe(true);

      const hits = jsonLines((await knowledge("search", "食堂津贴", "--json")).stdout);
      expect(hits[0]?.document).toBe("食堂津贴");
      expect((await knowledge("remove", "new")).stderr).toContain("请删除文件 guides/new.md");
      expect((await knowledge("rollback")).stdout).toContain("已恢复资料");
      expect((await knowledge("list")).stdout).toContain("高温津贴");
      const health = await fetch(`${service.url}/healthz`);
      expect(health.status).toBe(200);
    } finally {
      await service.kill();
    }
  });
});
