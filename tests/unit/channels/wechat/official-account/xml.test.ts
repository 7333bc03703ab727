import fc from "fast-check";
import { expect, test } from "vitest";
import { cdata, parseFlatXml } from "../../../../../src/channels/wechat/official-account/xml.ts";
import { AppError } from "../../../../../src/errors.ts";

test("texts, CDATA sections and the five entities are read", () => {
  const text =
    '<?xml version="1.0"?>\n<xml> <A><![CDATA[工资<b>&amp;]]></A><B>1&lt;2&amp;&#20320;&#x597D;</B>\n<C></C></xml>\n';
  expect([...parseFlatXml(text)]).toEqual([
    ["A", "工资<b>&amp;"],
    ["B", "1<2&你好"],
    ["C", ""],
  ]);
});

test("elements with children of their own are left out", () => {
  const text = "<xml><A>1</A><Info><Deep><X>2</X></Deep><Y><![CDATA[3]]></Y></Info><B>4</B></xml>";
  expect([...parseFlatXml(text).keys()]).toEqual(["A", "B"]);
});

test.each([
  "",
  "{}",
  "<html></html>",
  "<xml><A>1</A>",
  "<xml><A>1</B></xml>",
  "<xml><A>1</A><A>2</A></xml>",
  '<xml><A b="c">1</A></xml>',
  "<xml><A>&unknown;</A></xml>",
  "<xml><A>&</A></xml>",
  "<xml><A>&#0;</A></xml>",
  "<xml><A>&#x110000;</A></xml>",
  "<xml><A><![CDATA[1</A></xml>",
  '<!DOCTYPE a [<!ENTITY x "1">]><xml><A>&x;</A></xml>',
  "<xml><!-- a --><A>1</A></xml>",
  "<xml>text<A>1</A></xml>",
  "<xml><A>1</A></xml><xml></xml>",
  `<xml>${"<A>".repeat(100)}`,
])("anything else is refused: %s", (text) => {
  expect(() => parseFlatXml(text)).toThrow(AppError);
});

test("whatever is written comes back", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => {
      expect(parseFlatXml(`<xml><A>${cdata(value)}</A></xml>`).get("A")).toBe(value);
    }),
  );
});

test("no text makes it fail in another way than by refusing", () => {
  const piece = fc.constantFrom(
    "<xml>",
    "</xml>",
    "<A>",
    "</A>",
    "<![CDATA[",
    "]]>",
    "&amp;",
    "&",
    "<",
    "文",
    " ",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      try {
        parseFlatXml(pieces.join(""));
      } catch (err) {
        expect(err).toBeInstanceOf(AppError);
      }
    }),
  );
});
