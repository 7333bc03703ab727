import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const shipped = fileURLToPath(new URL("../../knowledge/", import.meta.url));

/** A folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "niangjia-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes a file below a folder, with the folders that it needs, and returns its full path. */
export async function write(folder: string, path: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return file;
}

/** A guide as an editor writes it; `answer` is its text. */
export function guideText(id: string, title: string, answer: string, extra = ""): string {
  return `---
id: ${id}
title: ${title}
topic: work
region: 全国
audience: [职工]
source:
  - law: 劳动合同法
    articles: [第八十二条]
    date: 2012-12-28
effective: 2008-01-01
repealed:
verified: 2026-11-21
questions:
  - ${title}怎么办
${extra}---
# ${title}

${answer}
`;
}

export const sampleGuides: Readonly<Record<string, string>> = {
  "guides/double-wage.md": guideText(
    "double-wage",
    "没签合同的二倍工资",
    "单位满一个月不签书面合同，每月付二倍工资。",
  ),
  "guides/annual-leave.md": guideText("annual-leave", "带薪年休假", "工作满一年的职工每年休假五天。"),
  "guides/heat.md": guideText("heat", "高温津贴", "三十五度以上露天作业发放高温津贴。"),
};

/** A small knowledge folder of its own: local data and law register as shipped, three guides. */
export async function makeKnowledge(
  guides: Readonly<Record<string, string>> = sampleGuides,
): Promise<string> {
  const folder = await temporaryFolder();
  await cp(join(shipped, "local"), join(folder, "local"), { recursive: true });
  await cp(join(shipped, "laws.yaml"), join(folder, "laws.yaml"));
  for (const [path, content] of Object.entries(guides)) await write(folder, path, content);
  return folder;
}
