import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const css = readFileSync(new URL("../../../../src/pages/chat/styles/theme.css", import.meta.url), "utf8");

function colours(part: string): Map<string, string> {
  return new Map(
    [...part.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name = "", value = ""]) => [name, value]),
  );
}

/** Relative luminance as WCAG 2 defines it. */
function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [lighter = 0, darker = 0] = [luminance(one), luminance(other)].sort(
    (first, second) => second - first,
  );
  return (lighter + 0.05) / (darker + 0.05);
}

const split = css.indexOf("prefers-color-scheme: dark");
const themes = { light: colours(css.slice(0, split)), dark: colours(css.slice(split)) };
const textPairs = [
  ["text", "page"],
  ["text", "surface"],
  ["text", "own"],
  ["text", "soft"],
  ["text", "mark"],
  ["quiet", "page"],
  ["quiet", "surface"],
  ["on-accent", "accent"],
  ["accent-text", "page"],
  ["accent-text", "surface"],
  ["accent-text", "soft"],
  ["warn-text", "warn"],
];
const edgePairs = [
  ["control-line", "page"],
  ["control-line", "surface"],
  ["focus", "page"],
  ["focus", "surface"],
];

describe.each(Object.entries(themes))("the %s colours", (_name, theme) => {
  const ratio = ([one = "", other = ""]: string[]) => contrast(theme.get(one) ?? "", theme.get(other) ?? "");

  it.each(textPairs)("keep %s readable on %s (4.5 : 1)", (...pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(4.5);
  });

  it.each(edgePairs)("keep %s visible on %s (3 : 1)", (...pair) => {
    expect(ratio(pair)).toBeGreaterThanOrEqual(3);
  });
});
