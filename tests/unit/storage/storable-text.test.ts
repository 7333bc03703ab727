import fc from "fast-check";
import { expect, it } from "vitest";
import { jsonText, storableParameters, storableText } from "../../../src/storage/storable-text.ts";

const anyText = fc.string({ unit: "binary" });

it("any text becomes storable and keeps its length", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const stored = storableText(text);
      expect(stored).toHaveLength(text.length);
      expect(stored.isWellFormed()).toBe(true);
      expect(stored).not.toContain("\u0000");
    }),
  );
});

it("ordinary text, emoji and rare characters stay as they are", () => {
  expect(storableText("𠮷野家🙏\r\n\t‮")).toBe("𠮷野家🙏\r\n\t‮");
});

it("every string inside a JSON value becomes storable, other values stay", () => {
  const value = { list: ["甲\u0000", { deep: "\udc00" }], number: 1.5, none: null, yes: true };
  expect(JSON.parse(jsonText(value))).toEqual({
    list: ["甲\uFFFD", { deep: "\uFFFD" }],
    number: 1.5,
    none: null,
    yes: true,
  });
});

it("parameters that are no text pass untouched", () => {
  const bytes = Buffer.from([0, 1]);
  expect(storableParameters(["a\u0000", ["b\u0000"], 1, null, bytes])).toEqual([
    "a\uFFFD",
    ["b\uFFFD"],
    1,
    null,
    bytes,
  ]);
});
