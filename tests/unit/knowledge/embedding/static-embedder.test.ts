import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { loadWeights, StaticEmbedder } from "../../../../src/knowledge/embedding/static-embedder.ts";
import { StaticWeights } from "../../../../src/knowledge/embedding/static-weights.ts";
import { Tokenizer } from "../../../../src/knowledge/retrieval/tokenizer.ts";

const tokenizer = new Tokenizer();
const embedder = new StaticEmbedder(tokenizer);
const shipped = new URL("../../../../src/knowledge/embedding/weights/static-1.bin", import.meta.url);
const folder = mkdtempSync(join(tmpdir(), "weights-"));
afterAll(() => rmSync(folder, { recursive: true }));

function cosine(left: string, right: string): number {
  const [a, b] = [embedder.embed(left), embedder.embed(right)];
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

describe("the local embedder", () => {
  it("gives the same unit vector every time and from every method", async () => {
    const text = "老板拖欠工资三个月了怎么办";
    const vector = embedder.embed(text);
    expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(vector).toHaveLength(embedder.dimensions);
    expect(embedder.embed(text)).toEqual(vector);
    expect(new StaticEmbedder(tokenizer).embed(text)).toEqual(vector);
    expect(await embedder.embedQuery(text)).toEqual(vector);
    expect(await embedder.embedDocuments(["加班费", text])).toEqual([embedder.embed("加班费"), vector]);
  });

  it.each([
    ["厂里把我开了，有没有补偿", "被辞退能拿经济补偿吗", "生孩子能休多少天产假"],
    ["下班路上被车撞了算不算工伤", "上下班途中交通事故认定工伤", "年休假怎么算天数"],
    ["老板三个月没发钱", "用人单位拖欠劳动报酬", "怎么加入工会"],
    ["怀孕了公司要我走人", "孕期女职工不得解除劳动合同", "高温津贴一个月多少钱"],
    ["进厂半年没签合同", "未订立书面劳动合同支付二倍工资", "会费交多少"],
  ])("brings %s nearer to %s than to %s", (question, answer, other) => {
    expect(cosine(question, answer)).toBeGreaterThan(cosine(question, other) + 0.1);
  });

  it("finds nothing alike in a text without words", () => {
    for (const text of ["", "？！……", "的了吗"]) {
      const vector = embedder.embed(text);
      expect([...vector].every(Number.isFinite)).toBe(true);
    }
    expect(Math.hypot(...embedder.embed("？！……"))).toBe(0);
  });

  it("reads a text of a hundred thousand characters without overflow", () => {
    expect(Math.hypot(...embedder.embed("工资".repeat(50_000)))).toBeCloseTo(1, 5);
  });

  it("gives full-width and half-width writing one vector", () => {
    expect(embedder.embed("交１２３４元")).toEqual(embedder.embed("交1234元"));
  });
});

describe("the weights file", () => {
  const bytes = readFileSync(shipped);
  const damaged = (name: string, content: Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return pathToFileURL(path);
  };

  it("stays under 20 MB and is written back as it was read", () => {
    expect(bytes.length).toBeLessThan(20_000_000);
    const written = StaticWeights.parse(bytes)?.serialize() ?? new Uint8Array();
    expect(Buffer.compare(bytes, written)).toBe(0);
  });

  it("is refused with the way to restore it when it is cut short, changed by one bit or missing", () => {
    const changed = Buffer.from(bytes);
    changed[1_000_000] = (changed[1_000_000] as number) ^ 1;
    for (const file of [
      damaged("short.bin", bytes.subarray(0, -1)),
      damaged("changed.bin", changed),
      damaged("empty.bin", new Uint8Array()),
      pathToFileURL(join(folder, "missing.bin")),
    ]) {
      expect(() => loadWeights(file)).toThrow(
        expect.objectContaining({
          code: "model.unavailable",
          message: expect.stringContaining("git checkout"),
        }),
      );
    }
  });

  it("is refused when its format or its number of rows is another one", () => {
    for (const [at, value] of [
      [0, 0x58],
      [4, 2],
      [8, 64],
      [12, 1],
    ] as const) {
      const other = Buffer.from(bytes);
      other[at] = value;
      expect(StaticWeights.parse(other)).toBeUndefined();
    }
    expect(StaticWeights.parse(bytes.subarray(0, 8))).toBeUndefined();
  });
});
