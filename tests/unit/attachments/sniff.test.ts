import { describe, expect, it } from "vitest";
import { sniff, typeForKind } from "../../../src/attachments/sniff.ts";
import { encodeGb18030, makeDocx, makePdf, makeZip } from "../../support/sample-files.ts";
import {
  htmlAsPhoto,
  isoBox,
  makeHeicHeader,
  makeJpeg,
  makeOpus,
  makePng,
  makeWav,
  makeWebpHeader,
  tinyGif,
} from "../../support/sample-media.ts";

const bytes = (text: string) => Buffer.from(text, "latin1");
const binary = (start: string) => Buffer.concat([bytes(start), Buffer.alloc(600)]);
const ftyp = (brand: string) => isoBox("ftyp", bytes(`${brand}\u0000\u0000\u0000\u0000isom`));

describe("what a file is", () => {
  it.each<[string, Uint8Array, string]>([
    ["a JPEG", makeJpeg(8, 8), "image/jpeg"],
    ["a PNG", makePng(8, 8), "image/png"],
    ["a GIF", tinyGif, "image/gif"],
    ["a WebP", makeWebpHeader(8, 8), "image/webp"],
    ["a HEIC", makeHeicHeader([8, 8]), "image/heic"],
    ["an AVIF", ftyp("avif"), "image/avif"],
    ["a bitmap", binary("BM"), "image/bmp"],
    ["an MP3 with a title", binary("ID3"), "audio/mpeg"],
    ["an MP3 without one", Buffer.from([0xff, 0xfb, 0x90, 0x64, 0, 0]), "audio/mpeg"],
    ["AAC", Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0]), "audio/aac"],
    ["a voice from an iPhone", ftyp("M4A "), "audio/mp4"],
    ["a voice from Telegram", makeOpus(), "audio/ogg"],
    ["a voice from WeChat", bytes("\u0002#!SILK_V3\u000c\u0000\u00a7"), "audio/silk"],
    ["SILK of others", bytes("#!SILK_V3\u000c\u0000"), "audio/silk"],
    ["a voice from an old phone", bytes("#!AMR\n\u003c"), "audio/amr"],
    ["a WAV", makeWav(10), "audio/wav"],
    ["FLAC", binary("fLaC"), "audio/flac"],
    ["an MP4", ftyp("isom"), "video/mp4"],
    ["a film from an iPhone", ftyp("qt  "), "video/quicktime"],
    ["a film from an old phone", ftyp("3gp5"), "video/3gpp"],
    ["WebM", binary("\u001aE\u00df\u00a3"), "video/webm"],
    ["a PDF", makePdf([["劳动合同"]]), "application/pdf"],
    [
      "a PDF behind a gateway's bytes",
      Buffer.concat([bytes("\r\n\r\n"), makePdf([["x"]])]),
      "application/pdf",
    ],
    [
      "a Word document",
      makeDocx(""),
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
    [
      "an Excel table",
      makeZip([
        { name: "[Content_Types].xml", content: "" },
        { name: "xl/workbook.xml", content: "" },
      ]),
      "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ],
    ["a zip archive", makeZip([{ name: "证据/1.jpg", content: "x" }]), "application/zip"],
    ["a RAR archive", binary("Rar!\u001a\u0007\u0001"), "application/vnd.rar"],
    ["plain text", Buffer.from("3月1日 老板说下月发工资\n"), "text/plain"],
    ["text from an old computer", encodeGb18030("三月一日，老板说下月发工资"), "text/plain"],
    ["text of one letter", Buffer.from("好"), "text/plain"],
    ["text that begins like a bitmap or a program", Buffer.from("BMW MZ 4S店欠薪"), "text/plain"],
    ["text with the mark of UTF-16", Buffer.from("\ufeff工资条", "utf16le"), "text/plain"],
  ])("%s is seen by its content", (_what, content, mimeType) => {
    expect(sniff(content)).toEqual({ mimeType });
  });

  it.each<[string, Uint8Array]>([
    ["a Windows program", binary("MZ\u0090")],
    ["a Linux program", binary("\u007fELF")],
    ["a Mac program", binary("\u00cf\u00fa\u00ed\u00fe")],
    ["a Java class", binary("\u00ca\u00fe\u00ba\u00be")],
    ["a shortcut", binary("L\u0000\u0000\u0000\u0001\u0014\u0002\u0000")],
    ["a script", Buffer.from("#!/bin/sh\nrm -rf /\n")],
    ["an app for Android", makeZip([{ name: "AndroidManifest.xml", content: "x" }])],
    ["a Java archive", makeZip([{ name: "META-INF/MANIFEST.MF", content: "x" }])],
    [
      "a document with a program in it",
      makeZip([
        { name: "[Content_Types].xml", content: "" },
        { name: "word/vbaProject.bin", content: "x" },
      ]),
    ],
    ["a web page", Buffer.from("<!DOCTYPE html><title>x</title>")],
    ["a web page behind a comment", htmlAsPhoto],
    ["a web page behind many comments", Buffer.from(`${"<!---->\n".repeat(5_000)}<script>x</script>`)],
    ["a web page with a mark of encoding", Buffer.from("\ufeff  <HTML>")],
    ["a drawing that can carry scripts", Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ["the same with its declaration", Buffer.from('<?xml version="1.0"?>\n<svg xmlns="x"><script/></svg>')],
    ["a page of a server", Buffer.from("<?php echo 1;")],
  ])("%s is harmful", (_what, content) => {
    expect(sniff(content)).toBe("harmful");
  });

  it.each([
    "工资.exe",
    "photo.jpg.EXE",
    "a.apk",
    "a.lnk ",
    "合同.html",
    "x.svg",
    "a.docm",
    "run.bat",
    "a.js",
  ])("the name %j makes any content harmful", (name) => {
    expect(sniff(makeJpeg(8, 8), name)).toBe("harmful");
  });

  it.each<[string, Uint8Array]>([
    [
      "bytes of no format",
      Buffer.from(Array.from({ length: 4_000 }, (_, at) => (at * 167 + (at >> 3)) % 256)),
    ],
    ["nothing", Buffer.alloc(0)],
    ["zeros", Buffer.alloc(4_000)],
    ["other markup", Buffer.from('<?xml version="1.0"?><data/>')],
    ["an old office file without its name", binary("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1")],
  ])("%s is not known", (_what, content) => {
    expect(sniff(content)).toBe("unknown");
  });

  it("an old office file is told by its name", () => {
    const content = binary("\u00d0\u00cf\u0011\u00e0\u00a1\u00b1\u001a\u00e1");
    expect(sniff(content, "工资表.xls")).toEqual({ mimeType: "application/vnd.ms-excel" });
    expect(sniff(content, "合同.DOC")).toEqual({ mimeType: "application/msword" });
  });

  it("an office file whose parts lie far behind is told by its name", () => {
    const content = makeZip([{ name: "[Content_Types].xml", content: "" }]);
    expect(sniff(content, "工资.xlsx")).toEqual({
      mimeType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    });
  });

  it("text whose last character the end of the head cuts is text", () => {
    const cut = Buffer.from("工资".repeat(20_000)).subarray(0, 65_536);
    expect(sniff(cut)).toEqual({ mimeType: "text/plain" });
  });
});

describe("what fits what was announced", () => {
  it.each([
    ["photo", "image/jpeg", "image/jpeg"],
    ["photo", "application/pdf", undefined],
    ["photo", "video/mp4", undefined],
    ["voice", "audio/ogg", "audio/ogg"],
    ["voice", "video/mp4", "audio/mp4"],
    ["voice", "video/webm", "audio/webm"],
    ["voice", "video/x-flv", undefined],
    ["voice", "image/png", undefined],
    ["video", "video/mp4", "video/mp4"],
    ["video", "image/gif", "image/gif"],
    ["video", "audio/mpeg", undefined],
    ["sticker", "image/webp", "image/webp"],
    ["sticker", "application/gzip", "application/gzip"],
    ["sticker", "application/pdf", undefined],
    ["file", "application/zip", "application/zip"],
    ["location", "text/plain", undefined],
  ] as const)("a %s that is %s is kept as %s", (kind, mimeType, kept) => {
    expect(typeForKind(kind, mimeType)).toBe(kept);
  });
});
