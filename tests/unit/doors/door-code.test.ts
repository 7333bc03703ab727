import { createHash, randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { newDoorCode, readDoorCode } from "../../../src/doors/door-code.ts";

/** Bytes that look random and are the same in every run. */
function repeatableBytes(seed: string) {
  let block = 0;
  return (length: number) => {
    block += 1;
    return createHash("sha512").update(`${seed} ${block}`).digest().subarray(0, length);
  };
}

describe("a door's code", () => {
  it("has eight signs of which no two look alike", () => {
    for (let i = 0; i < 200; i += 1) {
      const code = newDoorCode(randomBytes);
      expect(code).toMatch(/^[A-Z2-9]{8}$/);
      expect(code).not.toMatch(/[ILOBSZ]/);
      expect(readDoorCode(code)).toBe(code);
    }
  });

  it("uses every sign about as often as any other", () => {
    const bytes = repeatableBytes("fair");
    const counts = new Map<string, number>();
    for (let i = 0; i < 5_000; i += 1) {
      for (const sign of newDoorCode(bytes)) counts.set(sign, (counts.get(sign) ?? 0) + 1);
    }
    expect(counts.size).toBe(28);
    // 1 429 each on average; a bias of one byte value more for some signs would show as 10 %.
    for (const count of counts.values()) expect(Math.abs(count - 40_000 / 28)).toBeLessThan(130);
  });

  it("goes on where many bytes are of no use", () => {
    let call = 0;
    const bytes = (length: number) => {
      call += 1;
      return new Uint8Array(length).fill(call < 3 ? 255 : 0);
    };
    expect(newDoorCode(bytes)).toBe("AAAAAAAA");
  });

  it.each([
    ["k7pm 3xqa", "K7PM3XQA"],
    ["Ｋ７ＰＭ-３ＸＱＡ", "K7PM3XQA"],
    ["K7PM3XQ", undefined],
    ["K7PM3XQO", undefined],
    ["'; drop table", undefined],
  ])("typed as %j is read as %j", (typed, code) => {
    expect(readDoorCode(typed)).toBe(code);
  });
});
