import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { readJsonLines, readJsonl } from "../../../src/knowledge/jsonl.ts";
import { temporaryFolder, write } from "../../support/knowledge-folder.ts";

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const seen: Item[] = [];
  for await (const item of items) seen.push(item);
  return seen;
}

const linesOf = async (content: string | Uint8Array, name = "a.jsonl") =>
  all(readJsonLines(await write(await temporaryFolder(), name, content)));

describe("reading JSON lines", () => {
  it("counts every line, passes over blank ones and says which are broken", async () => {
    expect(await linesOf('{"a":1}\r\n\n  \nnope\n[1]\nnull\n{"b":"二"}')).toEqual([
      { number: 1, record: { a: 1 } },
      { number: 4, fault: "不是 JSON" },
      { number: 5, fault: "不是 JSON 对象（{…}）" },
      { number: 6, fault: "不是 JSON 对象（{…}）" },
      { number: 7, record: { b: "二" } },
    ]);
  });

  it("keeps characters whole that stand across two reads", async () => {
    const text = "工资".repeat(60_000);
    expect(await linesOf(`{"text":"${text}"}\n`)).toEqual([{ number: 1, record: { text } }]);
  });

  it("unpacks gzip, and an empty file has no line", async () => {
    expect(await linesOf(gzipSync('{"a":1}\n{"a":2}\n'), "a.jsonl.gz")).toHaveLength(2);
    expect(await linesOf("")).toEqual([]);
  });

  it.each([
    ["cut short", gzipSync("x".repeat(10_000)).subarray(0, 20)],
    ["no gzip at all", Buffer.from("plain")],
  ])("refuses an archive that is %s", async (_, bytes) => {
    await expect(linesOf(bytes, "a.jsonl.gz")).rejects.toMatchObject({
      code: "http.bad_request",
      message: expect.stringContaining("压缩文件已损坏或不完整"),
    });
  });

  it.each(["none.jsonl", "none.jsonl.gz"])("says that %s does not exist", async (name) => {
    const file = join(await temporaryFolder(), name);
    await expect(all(readJsonLines(file))).rejects.toThrow(`读不了 ${file}：没有这个文件`);
  });

  it("refuses a folder", async () => {
    await expect(all(readJsonLines(await temporaryFolder()))).rejects.toMatchObject({
      code: "http.bad_request",
    });
  });

  it("as records stops at the first broken line and names it", async () => {
    const file = await write(await temporaryFolder(), "a.jsonl", '{"a":1}\n\noops\n');
    const seen: unknown[] = [];
    const reading = async () => {
      for await (const record of readJsonl(file)) seen.push(record);
    };
    await expect(reading()).rejects.toThrow(`${file} 第 3 行不是 JSON`);
    expect(seen).toEqual([{ a: 1 }]);
  });
});
