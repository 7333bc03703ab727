import { describe, expect, it } from "vitest";
import { pdfFormat } from "../../../../src/knowledge/formats/pdf-format.ts";
import { makePdf } from "../../../support/sample-files.ts";

const read = (bytes: Uint8Array) => pdfFormat.read({ name: "a.pdf", bytes });
const refusal = (reason: string) => ({
  code: "knowledge.document_refused",
  details: { name: "a.pdf", reason },
});
const first = "第八十二条 用人单位自用工之日起超过一个月不满一年未与劳动者订立书面";
const second = "劳动合同的，应当向劳动者每月支付二倍的工资。";

describe("pdfFormat", () => {
  it("joins the lines of a sentence, repairs radicals and leaves out page numbers", async () => {
    const { text, warnings } = await read(
      makePdf([["劳动合同法", first, second.replace("工", "⼯"), "- 1 -"]]),
    );
    expect(text).toBe(`劳动合同法\n${first}${second}`);
    expect(warnings).toEqual([]);
  });

  it("tells which words stand on which page", async () => {
    const { text, pages } = await read(makePdf([["第一页的话。"], [], ["第三页的话。", "3"]]));
    expect(pages?.map(({ start, end, page }) => [page, text.slice(start, end)])).toEqual([
      [1, "第一页的话。\n"],
      [3, "第三页的话。"],
    ]);
  });

  it("joins a sentence over a page end", async () => {
    const { text, pages } = await read(makePdf([[first], [second]]));
    expect(text).toBe(first + second);
    expect(pages?.[1]).toEqual({ start: first.length, end: text.length, page: 2 });
  });

  it("counts and names the pages without text", async () => {
    const pages = [["一。"], [], ["三。"], ["四。"], [], []];
    expect((await read(makePdf(pages))).warnings).toEqual(["3 页没有文字（可能是扫描件）：第 2、5、6 页"]);
  });

  it("leaves out a page whose characters are unreadable and names it", async () => {
    const { text, warnings } = await read(makePdf([["可读的话。"], ["\uE001\uE002\uE003\uE004\uE005"]]));
    expect(text).toBe("可读的话。");
    expect(warnings).toEqual(["1 页文字无法辨认（字体编码损坏），未收录：第 2 页"]);
  });

  it.each([
    ["all pages empty", makePdf([[], []]), "no_text"],
    ["all pages unreadable", makePdf([["\uE001\uE002\uE003"]]), "no_text"],
    ["a password", makePdf([["secret"]], { encrypted: true }), "password_protected"],
    ["nothing behind the mark", Buffer.from("%PDF-1.7\nnonsense"), "damaged"],
  ])("refuses a file with %s", async (_, bytes, reason) => {
    await expect(read(bytes)).rejects.toMatchObject(refusal(reason));
  });
});
