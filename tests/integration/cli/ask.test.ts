import { existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { jsonLines, runCli, startCli } from "../../support/cli-process.ts";
import { makeKnowledge, temporaryFolder, write } from "../../support/knowledge-folder.ts";

describe("ask", () => {
  it("answers a batch line by line, in order, and goes on after bad lines; stdout is JSON alone", async () => {
    const dataDir = await temporaryFolder();
    const batch = await write(
      await temporaryFolder(),
      "batch.jsonl",
      [
        '{"question":"没签合同能要双倍工资吗"}',
        "",
        "not json",
        '{"id":"年假","message":"年休假有几天"}',
        '{"id":7,"question":"你好"}',
        '{"id":"empty"}',
        '{"question":""}',
        `{"question":${JSON.stringify("工资".repeat(50_000))}}`,
        '{"question":"😀😀"}',
      ].join("\n"),
    );
    const { code, stdout, stderr } = await runCli(["ask", "--batch", batch, "--json"], {
      DATA_DIR: dataDir,
      KNOWLEDGE_DIR: await makeKnowledge(),
    });
    expect(code).toBe(0);
    const records = jsonLines(stdout);
    expect(records.map(({ id }) => id)).toEqual(["0", "2", "年假", 7, "empty", "6", "7", "8"]);
    expect(records[0]).toMatchObject({
      question: "没签合同能要双倍工资吗",
      state: "grounded",
      calculation: null,
      ms: expect.any(Number),
    });
    expect((records[0] as { citations: unknown[] }).citations[0]).toMatchObject({
      document: "没签合同的二倍工资",
      quote: expect.any(String),
    });
    expect(records[1]).toEqual({ id: "2", error: "不是 JSON" });
    expect(records[2]?.text).toContain("五天");
    expect(records[3]?.state).toBe("small_talk");
    expect(records[4]?.error).toContain("question");
    for (const { state } of [5, 6, 7].map((i) => records[i] ?? {})) expect(state).toEqual(expect.any(String));
    expect(stderr).toContain(`${batch} 第 3 行：不是 JSON`);
    expect(stderr).toContain(`${batch} 第 6 行：`);
    expect(await readdir(dataDir)).toEqual([]);
  });

  it("answers from another folder, prints sources for a person, and makes no data folder", async () => {
    const dataDir = join(await temporaryFolder(), "none");
    const folder = await makeKnowledge();
    await write(folder, "guides/broken.md", "");
    const { code, stdout, stderr } = await runCli(["ask", "年休假有几天", "--knowledge", folder], {
      DATA_DIR: dataDir,
    });
    expect(code).toBe(0);
    expect(stdout).toContain("每年休假五天");
    expect(stdout).toContain("来源：");
    expect(stderr).toContain("guides/broken.md：文件是空的");
    expect(existsSync(dataDir)).toBe(false);
  });

  it.each([
    [["ask", "--batch", "/nowhere/q.jsonl", "--json"], "没有这个文件"],
    [["ask", " "], "请写下问题"],
  ])("%j ends with one line that says what to do", async (args, told) => {
    const { code, stdout, stderr } = await runCli(args, { KNOWLEDGE_DIR: await makeKnowledge() });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain(told);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });

  it("says of a folder that cannot be read that the library is unavailable, and cites nothing", async () => {
    const { code, stdout, stderr } = await runCli(
      ["ask", "没签合同能要双倍工资吗", "--json", "--knowledge", "/nowhere"],
      { LOG_LEVEL: "silent" },
    );
    expect(code).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ state: "library_unavailable", citations: [] }]);
    expect(stderr).toContain("找不到 /nowhere，请检查路径");
  });

  it("names a wrong setting without a stack trace", async () => {
    const { code, stderr } = await runCli(["ask", "问"], { PORT: "eighty" });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^.*PORT.*\n$/u);
  });

  it("ends quietly when its reader has had enough", async () => {
    const lines = Array.from({ length: 400 }, (_, i) => `{"id":"${i}","question":"没签合同能要双倍工资吗"}`);
    const batch = await write(await temporaryFolder(), "batch.jsonl", lines.join("\n"));
    const cli = startCli(["ask", "--batch", batch, "--json"], { KNOWLEDGE_DIR: await makeKnowledge() });
    await cli.firstOutput;
    cli.stopReading();
    expect(await cli.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("stops at Ctrl+C", async () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `{"id":"${i}","question":"没签合同能要双倍工资吗"}`,
    );
    const batch = await write(await temporaryFolder(), "batch.jsonl", lines.join("\n"));
    const cli = startCli(["ask", "--batch", batch, "--json"], { KNOWLEDGE_DIR: await makeKnowledge() });
    await cli.firstOutput;
    cli.kill("SIGINT");
    const { code, stdout, stderr } = await cli.ended;
    expect({ code, stderr }).toEqual({ code: 130, stderr: "已取消\n" });
    expect(jsonLines(stdout).length).toBeLessThan(20_000);
  });
});
