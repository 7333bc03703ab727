import { describe, expect, it } from "vitest";
import { cleanFileName } from "../../../../src/channels/web/file-name.ts";

const clean = (name: string) => cleanFileName(encodeURIComponent(name));

describe("the name of a file", () => {
  it.each([
    ["工资条.jpg", "工资条.jpg"],
    ["C:\\Users\\me\\wage.pdf", "wage.pdf"],
    ["../../etc/passwd", "passwd"],
    ["...hidden", "hidden"],
    ["a\u0000b\r\nc.pdf", "abc.pdf"],
    ["photo\u202egpj.exe", "photogpj.exe"],
    ["a\u200bb\u2028c.pdf", "abc.pdf"],
    ['<b>"x"?*|.pdf', "bx.pdf"],
  ])("%j is kept as %j", (name, kept) => {
    expect(clean(name)).toBe(kept);
  });

  it("keeps its ending where it is too long", () => {
    expect(clean(`${"长".repeat(200)}.pdf`)).toBe(`${"长".repeat(96)}.pdf`);
    expect([...(clean("😡".repeat(200)) ?? "")]).toHaveLength(100);
  });

  it("is none where nothing is left of it, and half a character does no harm", () => {
    for (const name of ["", "/", "...", "\u202e", "a/"]) expect(clean(name)).toBeUndefined();
    expect(cleanFileName(undefined)).toBeUndefined();
    expect(cleanFileName("%F0%9F%98%A1.jpg")).toBe("😡.jpg");
    expect(() => cleanFileName("%F0%9F")).toThrow(expect.objectContaining({ code: "http.bad_request" }));
  });
});
