import { describe, expect, it } from "vitest";
import { nearDuplicates } from "../../../../src/knowledge/documents/near-duplicates.ts";

/** Sentences of random characters: no two alike. */
function prose(sentences: number, seed: number): string[] {
  let state = seed;
  const next = () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: sentences }, () =>
    Array.from({ length: 30 }, () => String.fromCharCode(0x4e00 + Math.floor(next() * 3_000))).join(""),
  );
}
const joined = (sentences: readonly string[]) => sentences.join("。\n");
const pairs = (texts: Readonly<Record<string, string>>) =>
  nearDuplicates(Object.entries(texts).map(([id, text]) => ({ id, text })));

describe("texts that are nearly the same", () => {
  const text = prose(60, 7);

  it("are found whatever their signs, width and lines", () => {
    const found = pairs({ a: joined(text), b: text.join(" ，\r\n"), c: joined(prose(60, 8)) });
    expect(found).toEqual([{ left: "a", right: "b", share: 1 }]);
  });

  it("are found where a few sentences differ, with how much they share, and not where many do", () => {
    const few = [...text.slice(0, 57), ...prose(3, 9)];
    const many = [...text.slice(0, 48), ...prose(12, 10)];
    const found = pairs({ few: joined(few), text: joined(text), many: joined(many) });
    expect(found).toHaveLength(1);
    expect(new Set([found[0]?.left, found[0]?.right])).toEqual(new Set(["few", "text"]));
    expect(found[0]?.share).toBeGreaterThan(0.93);
    expect(found[0]?.share).toBeLessThan(0.97);
  });

  it("are not those of which one is a part of the other", () => {
    expect(pairs({ whole: joined(text), half: joined(text.slice(0, 30)) })).toEqual([]);
  });

  it("are not short forms that only resemble each other, nor empty ones", () => {
    expect(pairs({ a: "电话：12351，找工会。", b: "电话：12348，找工会。", c: "", d: "——" })).toEqual([]);
    expect(pairs({ a: "电话：12351，找工会。", b: "电话 12351 找工会" })).toHaveLength(1);
  });

  it("are found among a thousand", () => {
    const texts = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, n) => [`n${n}`, joined(prose(20, n + 100))]),
    );
    const found = pairs({ ...texts, copy: `${texts.n500}。另加一句。` });
    expect(found.map(({ left, right }) => [left, right].sort())).toEqual([["copy", "n500"]]);
  });
});
