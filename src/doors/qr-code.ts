import { encode, renderUnicodeCompact } from "uqr";

/** Light modules around the code, as ISO/IEC 18004 asks: scanners need them. */
const quietZone = 4;

/** A code of block characters, two rows a line, for light signs on a dark terminal; scanners read the other way too. */
export function terminalQrCode(address: string): string {
  return renderUnicodeCompact(address, { ecc: "L", border: 2 });
}

/** Millimetres. */
const moduleSize = 2;
const lineHeight = 8;

/**
 * A code for printing, as an SVG measured in millimetres, with lines of text below it. It can be read with up to a
 * quarter of it damaged: posters stand outside.
 */
export function printedQrCode(address: string, lines: readonly string[]): string {
  const { data, size } = encode(address, { ecc: "Q", border: quietZone });
  const side = size * moduleSize;
  const height = side + lines.length * lineHeight + (lines.length > 0 ? lineHeight / 2 : 0);
  const texts = lines.map(
    (line, index) =>
      `<text x="${side / 2}" y="${side + (index + 0.75) * lineHeight}" font-size="${fontSize(line, side)}" ` +
      `text-anchor="middle">${escaped(line)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${side}mm" height="${height}mm" viewBox="0 0 ${side} ${height}" font-family="sans-serif">`,
    `<rect width="${side}" height="${height}" fill="#fff"/>`,
    `<path d="${modulesPath(data)}" fill="#000" shape-rendering="crispEdges"/>`,
    ...texts,
    "</svg>",
    "",
  ].join("\n");
}

/** Each run of dark modules in a row as one rectangle. */
function modulesPath(rows: readonly (readonly boolean[])[]): string {
  return rows
    .flatMap((row, y) =>
      row.flatMap((isDark, x) => {
        if (!isDark || row[x - 1] === true) return [];
        const end = row.indexOf(false, x);
        const width = ((end === -1 ? row.length : end) - x) * moduleSize;
        return [`M${x * moduleSize} ${y * moduleSize}h${width}v${moduleSize}h-${width}z`];
      }),
    )
    .join("");
}

/** As large as the line fits under the code; Chinese characters are as wide as they are high. */
function fontSize(line: string, side: number): number {
  const width = [...line].reduce((sum, sign) => sum + (sign.charCodeAt(0) < 0x2e80 ? 0.6 : 1), 0);
  return Number(Math.min(lineHeight * 0.7, (side * 0.95) / Math.max(width, 1)).toFixed(2));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
