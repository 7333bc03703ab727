import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventParser } from "../../../../src/pages/chat/event-parser.ts";

describe("event parser", () => {
  it("reads events, comments and several data lines with any line end", () => {
    const parse = createEventParser();
    const text =
      "\uFEFF: hello\nevent: typing\r\ndata: {}\r\n\r\ndata: a\rdata:b\r\rid: 5\n\nevent: x\ndata\n\n";
    expect(parse(text)).toEqual([
      { event: "typing", data: "{}" },
      { event: "message", data: "a\nb" },
      { event: "x", data: "" },
    ]);
  });

  it("gives nothing for an event that is not complete yet", () => {
    const parse = createEventParser();
    expect(parse("event: message\ndata: 1\n")).toEqual([]);
    expect(parse("\n")).toEqual([{ event: "message", data: "1" }]);
  });

  it("gives the same events however the network cuts the stream", () => {
    const text =
      ": beat\r\n\r\nevent: message\r\ndata: 工资\r\n\r\nevent: preview\ndata: 一\ndata: 二\n\nrest: 1\r\r";
    const whole = createEventParser()(text);
    expect(whole).toHaveLength(2);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 60 }), (sizes) => {
        const parse = createEventParser();
        const events = [];
        let at = 0;
        for (const size of sizes) {
          events.push(...parse(text.slice(at, at + size)));
          at += size;
        }
        events.push(...parse(text.slice(at)));
        expect(events).toEqual(whole);
      }),
    );
  });
});
