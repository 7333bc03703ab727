import { encode } from "uqr";
import { describe, expect, it } from "vitest";
import { printedQrCode, terminalQrCode } from "../../../src/doors/qr-code.ts";

const address = "https://niangjia.example.cn/?from=K7PM3XQA";

/** The dark modules that an SVG's rectangles cover, in rows. */
function drawn(svg: string, size: number): boolean[][] {
  const rows = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
  for (const [, x, y, width] of svg.matchAll(/M(\d+) (\d+)h(\d+)v2h-\d+z/g)) {
    const row = rows[Number(y) / 2];
    row?.fill(true, Number(x) / 2, (Number(x) + Number(width)) / 2);
  }
  return rows;
}

describe("a code for printing", () => {
  it("draws exactly the modules of the code, with the quiet zone that scanners need", () => {
    const { data, size } = encode(address, { ecc: "Q", border: 4 });
    const svg = printedQrCode(address, ["渝中区"]);
    expect(drawn(svg, size)).toEqual(data);
    expect(data.slice(0, 4).flat()).not.toContain(true);
    expect(svg).toContain(`width="${size * 2}mm"`);
  });

  it("stays well-formed whatever stands below it, and long lines fit", () => {
    const svg = printedQrCode(address, [`<script>&"x"`, "长".repeat(40)]);
    expect(svg).toContain("&lt;script&gt;&amp;");
    expect(svg).not.toContain("<script>");
    const side = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
    const sizes = [...svg.matchAll(/font-size="([\d.]+)"/g)].map(([, size]) => Number(size));
    expect((sizes[1] ?? 99) * 40).toBeLessThanOrEqual(side);
  });
});

it("a code for the terminal has two rows of modules in each line", () => {
  const { size } = encode(address, { ecc: "L", border: 2 });
  const lines = terminalQrCode(address).split("\n");
  expect(lines).toHaveLength(Math.ceil(size / 2));
  expect(lines.every((line) => [...line].length === size)).toBe(true);
});
