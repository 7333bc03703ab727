import { describe, expect, it } from "vitest";
import { extractInWorker } from "../../../../src/knowledge/formats/extract-in-worker.ts";
import { extractText } from "../../../../src/knowledge/formats/extract-text.ts";
import { docxParagraph, encodeGb18030, makeDocx, makePdf } from "../../../support/sample-files.ts";

const extract = (name: string, content: Uint8Array | string, signal?: AbortSignal) =>
  extractText({ name, bytes: Buffer.from(content) }, signal);
const refusal = (name: string, reason: string) => ({
  code: "knowledge.document_refused",
  details: { name, reason },
});
const wide = { heapMb: 512, bufferBytes: 600_000_000, ms: 60_000 };

describe("extractText", () => {
  it("reads every format to the same words", async () => {
    const [markdown, text, html, docx, pdf] = await Promise.all([
      extract("a.md", "职工可以入会。"),
      extract("a.txt", encodeGb18030("职工可以入会。")),
      extract("a.html", "<html><p>职工可以入会。</p></html>"),
      extract("a.docx", makeDocx(docxParagraph("职工可以入会。"))),
      extract("a.pdf", makePdf([["职工可以入会。"]])),
    ]);
    expect([markdown, text, html, docx, pdf].map((one) => [one.format, one.text])).toEqual(
      ["markdown", "text", "html", "docx", "pdf"].map((format) => [format, "职工可以入会。"]),
    );
    expect(pdf.pages).toEqual([{ start: 0, end: 7, page: 1 }]);
  });

  it("passes on the warnings of name and content together", async () => {
    const { warnings } = await extract("a.doc", makePdf([["一。"], []]));
    expect(warnings).toEqual([
      "扩展名是 .doc，但内容是PDF，已按内容读取",
      "1 页没有文字（可能是扫描件）：第 2 页",
    ]);
  });

  it("reads a large text whole, beside the service", async () => {
    const text = "职工可以入会。\n".repeat(60_000).trim();
    expect((await extract("a.txt", text)).text).toBe(text);
  });

  it.each([
    ["a file of 0 bytes", "a.pdf", "", "empty"],
    ["a file of blanks", "a.txt", " \n\u200B　\n", "no_text"],
    ["a page without text", "a.html", "<html><script>1</script></html>", "no_text"],
    ["a text that is too long", "a.txt", "a".repeat(5_000_001), "text_too_long"],
    ["a damaged PDF", "a.pdf", "%PDF-1.7\n", "damaged"],
    ["a PDF with a password", "a.pdf", makePdf([["x"]], { encrypted: true }), "password_protected"],
    ["garbage", "a.txt", Buffer.from("fffefdfcfbfaf9f8", "hex").subarray(1), "broken_encoding"],
  ])("refuses %s", async (_, name, content, reason) => {
    await expect(extract(name, content)).rejects.toMatchObject(refusal(name, reason));
  });

  it("refuses a file above 50 MB before it looks into it", async () => {
    await expect(
      extractText({ name: "a.pdf", bytes: new Uint8Array(50 * 1024 * 1024 + 1) }),
    ).rejects.toMatchObject({
      ...refusal("a.pdf", "file_too_large"),
      message: expect.stringContaining("文件超过 50 MB"),
    });
  });

  it("does not begin when the caller has already stopped", async () => {
    const reason = new Error("stopped");
    await expect(extract("a.md", "x", AbortSignal.abort(reason))).rejects.toBe(reason);
  });
});

describe("extractInWorker", () => {
  const slow = { name: "a.pdf", bytes: makePdf([["x"]], { padding: " ".repeat(50_000_000) }) };

  it("ends the thread when the caller stops", async () => {
    const stop = new AbortController();
    const reason = new Error("stopped");
    const reading = extractInWorker(slow, "pdf", stop.signal);
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
  });

  it("ends the thread at its time limit", async () => {
    await expect(extractInWorker(slow, "pdf", undefined, { ...wide, ms: 1 })).rejects.toMatchObject(
      refusal("a.pdf", "too_complex"),
    );
  });

  it("ends the thread when a PDF inflates beyond the memory limit", async () => {
    const bomb = { name: "a.pdf", bytes: makePdf([["x"]], { padding: " ".repeat(150_000_000) }) };
    expect(bomb.bytes.length).toBeLessThan(200_000);
    await expect(
      extractInWorker(bomb, "pdf", undefined, { ...wide, bufferBytes: 20_000_000 }),
    ).rejects.toMatchObject(refusal("a.pdf", "too_complex"));
  });

  it("survives a thread that dies of its heap limit", async () => {
    const html = { name: "a.html", bytes: Buffer.from(`<html>${"<p>x</p>".repeat(1_000_000)}`) };
    await expect(extractInWorker(html, "html", undefined, { ...wide, heapMb: 16 })).rejects.toMatchObject(
      refusal("a.html", "too_complex"),
    );
  });
});
