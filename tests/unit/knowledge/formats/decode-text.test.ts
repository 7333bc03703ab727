import { describe, expect, it } from "vitest";
import { decodeText } from "../../../../src/knowledge/formats/decode-text.ts";
import { encodeGb18030 } from "../../../support/sample-files.ts";

const law =
  "第八十二条 用人单位自用工之日起超过一个月不满一年未与劳动者订立书面劳动合同的，应当向劳动者每月支付二倍的工资。";

describe("decodeText", () => {
  it("reads a law in GB18030 to the character and says so", () => {
    const decoded = decodeText(encodeGb18030(law), "law.txt");
    expect(decoded.text).toBe(law);
    expect(decoded.warnings).toEqual([expect.stringContaining("按 GB18030 读取")]);
  });

  it("reads a short title in GB18030", () => {
    expect(decodeText(encodeGb18030("工会法"), "a.txt").text).toBe("工会法");
  });

  it("reads UTF-8 with and without a byte order mark and UTF-16 of both orders without a warning", () => {
    const little = Buffer.from(`\uFEFF${law}`, "utf16le");
    const samples = [Buffer.from(law), Buffer.from(`\uFEFF${law}`), little, Buffer.from(little).swap16()];
    for (const bytes of samples) expect(decodeText(bytes, "a.txt")).toEqual({ text: law, warnings: [] });
  });

  it.each([
    ["UTF-8 cut inside a character", Buffer.from(law).subarray(0, -1)],
    ["UTF-8 with one damaged byte", Buffer.from(law).fill(0xff, 40, 41)],
    ["UTF-8 with a mark and a damaged byte", Buffer.from(`\uFEFF${law}`).fill(0xff, 40, 41)],
    ["UTF-16 with half a surrogate pair", Buffer.from([0xff, 0xfe, 0x3d, 0xd8, 0x41, 0x00])],
    ["Big5", Buffer.from("b3d2b0cac5aaa4bdc569aabaa54ba4ebc0b3b7ed", "hex")],
    ["Latin-1", Buffer.from("Der Arbeitgeber muß für Überstunden zahlen, dafür genügt ein Zettel", "latin1")],
    ["Korean", koreanBytes()],
    ["random bytes", Buffer.from(Array.from({ length: 3000 }, (_, at) => ((at * 7919 + 13) * 104729) >>> 3))],
  ])("refuses %s instead of guessing", (_, bytes) => {
    expect(() => decodeText(bytes, "a.txt")).toThrow(
      expect.objectContaining({
        code: "knowledge.document_refused",
        details: { name: "a.txt", reason: "broken_encoding" },
      }),
    );
  });

  it.each([
    ["control characters", "\u0001\u0002工会\u0003\u0004"],
    ["replacement characters", "\uFFFD\uFFFD\uFFFD条 用人单位"],
    ["private-use characters", "\uE001\uE002\uE003\uE004工资"],
  ])("refuses a text full of %s", (_, text) => {
    expect(() => decodeText(Buffer.from(text), "a.txt")).toThrow(
      expect.objectContaining({ details: { name: "a.txt", reason: "binary" } }),
    );
  });

  it("keeps a text with a single strange bullet", () => {
    expect(decodeText(Buffer.from(`\uF0B7 ${law}${law}`), "a.txt").text).toContain("\uF0B7");
  });
});

/** EUC-KR syllables lie in the rows of the common Chinese characters; only the outcome tells them apart. */
function koreanBytes(): Uint8Array {
  return Uint8Array.from(
    Array.from({ length: 400 }, (_, at) => (at % 2 === 0 ? 0xb0 + ((at * 3) % 25) : 0xa1 + ((at * 5) % 90))),
  );
}
