import { describe, expect, it } from "vitest";
import { docxFormat } from "../../../../src/knowledge/formats/docx-format.ts";
import { docxParagraph, docxTable, makeDocx, makeZip } from "../../../support/sample-files.ts";

const read = (bytes: Uint8Array, signal?: AbortSignal) => docxFormat.read({ name: "a.docx", bytes }, signal);
const refusal = (reason: string) => ({
  code: "knowledge.document_refused",
  details: { name: "a.docx", reason },
});

describe("docxFormat", () => {
  it("keeps headings, paragraphs and table rows", async () => {
    const body =
      docxParagraph("工会帮扶办法", "Heading1") +
      docxParagraph("第一条 为了帮扶困难职工，制定本办法。") +
      docxTable([
        ["项目", "标准"],
        ["生活救助", "2000元"],
      ]) +
      docxParagraph("申请", "Heading2") +
      docxParagraph("向单位工会申请。");
    expect((await read(makeDocx(body))).text).toBe(
      "# 工会帮扶办法\n\n第一条 为了帮扶困难职工，制定本办法。\n\n项目 | 标准\n生活救助 | 2000元\n\n## 申请\n\n向单位工会申请。",
    );
  });

  it("refuses a bomb by its ratio although it states a size of ten bytes", async () => {
    const bomb = makeDocx("x", [
      { name: "word/media/a.bin", content: Buffer.alloc(12_000_000), statedSize: 10 },
    ]);
    expect(bomb.length).toBeLessThan(60_000);
    await expect(read(bomb)).rejects.toMatchObject(refusal("archive_too_large"));
  });

  it("refuses a bomb spread over many entries", async () => {
    const parts = Array.from({ length: 30 }, (_, at) => ({
      name: `word/${at}.bin`,
      content: Buffer.alloc(400_000),
    }));
    await expect(read(makeDocx("x", parts))).rejects.toMatchObject(refusal("archive_too_large"));
  });

  it("refuses more entries than any document has", async () => {
    const parts = Array.from({ length: 2_001 }, (_, at) => ({ name: `word/${at}.xml`, content: "" }));
    await expect(read(makeDocx("x", parts))).rejects.toMatchObject(refusal("archive_too_large"));
  });

  it("refuses an encrypted archive", async () => {
    const archive = makeZip([{ name: "word/document.xml", content: "x", encrypted: true }]);
    await expect(read(archive)).rejects.toMatchObject(refusal("password_protected"));
  });

  it("refuses a file that is cut off", async () => {
    const whole = makeDocx(docxParagraph("x"));
    await expect(read(whole.subarray(0, -30))).rejects.toMatchObject(refusal("archive_damaged"));
    await expect(read(Buffer.from("PK\u0003\u0004word/document.xml"))).rejects.toMatchObject(
      refusal("archive_damaged"),
    );
  });

  it("refuses an archive whose entry cannot be inflated", async () => {
    const broken = Buffer.from(makeDocx(docxParagraph("工会".repeat(200))));
    const place = broken.indexOf("word/document.xml") + "word/document.xml".length;
    await expect(read(broken.fill(0xff, place, place + 60))).rejects.toMatchObject(
      refusal("archive_damaged"),
    );
  });

  it("refuses a sound archive whose document is no WordprocessingML", async () => {
    const archive = makeZip([{ name: "word/document.xml", content: "<a>" }]);
    await expect(read(archive)).rejects.toMatchObject(refusal("damaged"));
  });

  it("stops when it is told to", async () => {
    const reason = new Error("stopped");
    await expect(read(makeDocx(docxParagraph("x")), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});
