import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "niangjia-eval-process-"));
afterAll(() => rmSync(folder, { recursive: true }));

function evaluate(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["scripts/eval.ts", ...args], {
    cwd: root,
    encoding: "utf8",
    env: { ...process.env, LLM_MODEL: "" },
  });
  return { status, stdout, stderr };
}

describe("npm run eval with a file", () => {
  const file = join(folder, "mine.jsonl");
  const line = (id: string, expected: string) =>
    JSON.stringify({ id, question: "公司一直不签合同我能要什么赔偿", expect: expected });
  writeFileSync(file, [line("right", "第八十二条"), line("wrong", "从来没有的话")].join("\n"));

  it("prints misses and shares, and ends with 0 where enough answers are as expected", () => {
    const { status, stdout, stderr } = evaluate(file, "--least", "1");
    expect(stdout, stderr).toContain("wrong  公司一直不签合同我能要什么赔偿");
    expect(stdout).not.toContain("right  公司");
    expect(stdout).toMatch(/mine\.jsonl +1\/2 +50\.0 %/u);
    expect(status).toBe(0);
  });

  it("ends with 1 where fewer are, and says nothing of the misses when it is to be quiet", () => {
    const { status, stdout } = evaluate(file, "--least", "2", "--quiet");
    expect(stdout).not.toContain("wrong  公司");
    expect(status).toBe(1);
  });
});
