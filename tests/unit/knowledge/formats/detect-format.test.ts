import { describe, expect, it } from "vitest";
import { detectFormat } from "../../../../src/knowledge/formats/detect-format.ts";
import { docxParagraph, makeDocx, makePdf, makeZip } from "../../../support/sample-files.ts";

const detect = (name: string, content: Uint8Array | string) =>
  detectFormat({ name, bytes: Buffer.from(content) });
const ole = Buffer.from("d0cf11e0a1b11ae1", "hex");

describe("detectFormat", () => {
  it.each([
    ["a.md", "# 工会", "markdown"],
    ["a.txt", "工会", "text"],
    ["A.HTML", "<p>工会</p>", "html"],
    ["a.htm", "\uFEFF<!-- saved --><!DOCTYPE html><html></html>", "html"],
    ["a.html", Buffer.from("\uFEFF<html><body>工会</body></html>", "utf16le"), "html"],
    ["a.docx", makeDocx(docxParagraph("工会")), "docx"],
    ["a.pdf", makePdf([["x"]]), "pdf"],
  ])("takes %s for what it is, without a warning", (name, content, format) => {
    expect(detect(name, content)).toEqual({ format, warnings: [] });
  });

  it("keeps Markdown with tags in it as Markdown", () => {
    expect(detect("a.md", "<div>工会</div>\n\n# 标题").format).toBe("markdown");
  });

  it.each([
    ["a.docx", makePdf([["x"]]), "pdf", "扩展名是 .docx，但内容是PDF，已按内容读取"],
    ["a.txt", "<html><body>x</body></html>", "html", "扩展名是 .txt，但内容是网页（HTML），已按内容读取"],
    ["a.pdf", "只是文字", "text", "扩展名是 .pdf，但内容是纯文本，已按内容读取"],
    ["通知", "只是文字", "text", "文件名没有扩展名，但内容是纯文本，已按内容读取"],
  ])("reads %s by its content and warns", (name, content, format, warning) => {
    expect(detect(name, content)).toEqual({ format, warnings: [warning] });
  });

  it.each([
    ["an Excel file", makeZip([{ name: "xl/workbook.xml", content: "x" }]), "not_supported", "Excel"],
    ["a presentation", makeZip([{ name: "ppt/presentation.xml", content: "x" }]), "not_supported", "PPT"],
    ["another archive", makeZip([{ name: "a.txt", content: "x" }]), "not_supported", "压缩包"],
    ["an old Word file", Buffer.concat([ole, Buffer.alloc(600)]), "not_supported", ".doc"],
    [
      "a docx with a password",
      Buffer.concat([ole, Buffer.from("EncryptedPackage", "utf16le")]),
      "password_protected",
      "密码",
    ],
    ["RTF", "{\\rtf1 x}", "not_supported", "RTF"],
    ["a picture", Buffer.from("89504e470d0a1a0a00", "hex"), "not_supported", "图片"],
    ["unknown bytes", Buffer.from([1, 0, 0, 0, 7, 0, 0, 0]), "binary", "二进制"],
  ])("refuses %s and says what to do", (_, content, reason, hint) => {
    expect(() => detect("a.docx", content)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(hint),
        details: { name: "a.docx", reason },
      }),
    );
  });
});
