import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { LawRegister } from "../../src/knowledge/documents/law-register.ts";
import { readDocument } from "../../src/knowledge/documents/read-document.ts";
import type { IndexedChunk } from "../../src/knowledge/retrieval/index-entries.ts";
import { cutChunks } from "../../src/knowledge/sections/cut-chunks.ts";

/** The chunks of a Markdown document, read and cut as the service does it. */
export async function passagesFrom(name: string, markdown: string): Promise<IndexedChunk[]> {
  const file = { path: name, bytes: Buffer.from(markdown), origin: "library" as const };
  const document = await readDocument(file, new LawRegister([]));
  return cutChunks(document).map((chunk) => ({ chunk, document }));
}

/** The chunks of every guide that ships with the service. */
export async function guidePassages(): Promise<IndexedChunk[]> {
  const paths = globSync("knowledge/guides/**/*.md").sort();
  const read = paths.map((path) => passagesFrom(basename(path), readFileSync(path, "utf8")));
  return (await Promise.all(read)).flat();
}

/** A guide of the tests' own, so that no edit of the knowledge moves them. */
export const doubleWageGuide = `---
id: test-double-wage
title: 没签劳动合同的二倍工资
topic: work
region: 全国
audience: [职工]
source:
  - law: 劳动合同法
    articles: [第八十二条, 第十条]
    date: 2012-12-28
verified: 2026-11-21
questions: [没签合同怎么办]
---
单位超过一个月没跟您签书面合同，每月要付二倍工资，最多算11个月。

## 规定
- 二倍工资：《劳动合同法》第八十二条规定，用工满一个月不满一年没签书面合同的，每月支付二倍的工资。
- 仲裁时效：《劳动争议调解仲裁法》第二十七条规定，申请仲裁的时效是1年。

## 怎么办
1. 收集工资流水、工牌和聊天记录，打 12333 投诉，或打 12351 找工会。
`;
