import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeHtml, plainText } from "../../../../src/channels/telegram/html.ts";
import { parseHtml } from "../../../support/bot-api/parse-html.ts";

const nasty = fc
  .array(
    fc.oneof(
      fc.string(),
      fc.constantFrom("<", ">", "&", '"', "&lt;", "&#60;", "<b>", "</i>", '<a href="x">'),
    ),
  )
  .map((pieces) => pieces.join(""));

describe("escapeHtml", () => {
  it("gives HTML that Telegram shows as the text was", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(parseHtml(escapeHtml(text))).toEqual({ text, entities: [] });
      }),
    );
  });

  it("is undone by plainText", () => {
    fc.assert(
      fc.property(nasty, (text) => {
        expect(plainText(escapeHtml(text))).toBe(text);
      }),
    );
  });

  it("can stand inside an attribute", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (url) => {
        const { entities } = parseHtml(`<a href="${escapeHtml(url)}">x</a>`);
        expect(entities).toEqual([{ type: "text_link", offset: 0, length: 1, url }]);
      }),
    );
  });
});
