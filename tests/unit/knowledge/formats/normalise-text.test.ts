import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { foldCjkRadicals } from "../../../../src/knowledge/formats/cjk-radicals.ts";
import { joinBrokenLines, pageJoint } from "../../../../src/knowledge/formats/join-broken-lines.ts";
import { normaliseText } from "../../../../src/knowledge/formats/normalise-text.ts";

describe("normaliseText", () => {
  it("makes all line ends one and keeps at most two blank lines", () => {
    expect(normaliseText("a\r\nb\rc\u2028d\n\n\n\n\n\ne")).toBe("a\nb\nc\nd\n\n\ne");
  });

  it("takes away blanks at line ends, also full-width ones, and keeps the indent of a paragraph", () => {
    expect(normaliseText("\n  \n　　工资 　\t\n按月付　\n")).toBe("　　工资\n按月付");
  });

  it("removes characters that hide or turn text around", () => {
    expect(normaliseText("工\u200B资\u0000拖\u202E欠\uFEFF的\u{E0041}事\u00AD")).toBe("工资拖欠的事");
  });

  it("composes characters and leaves full-width signs as they are written", () => {
    expect(normaliseText("cafe\u0301（８２）：①")).toBe("café（８２）：①");
  });

  it("changes nothing more when applied twice, for any text", () => {
    const units = fc.string({
      unit: fc.constantFrom("a", "工", "\n", "\r", " ", "　", "\u200B", "\u0301", "\uD800", "\u0085"),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), units), (text) => {
        const once = normaliseText(text);
        expect(normaliseText(once)).toBe(once);
      }),
    );
  });
});

describe("foldCjkRadicals", () => {
  it("turns radicals of both blocks into the characters that they look like", () => {
    expect(foldCjkRadicals("⼯⼈⽉⼆⻚⻅⻓⻛⻋")).toBe("工人月二页见长风车");
  });

  it("leaves every other character alone", () => {
    expect(foldCjkRadicals("①（８２）㎡工")).toBe("①（８２）㎡工");
  });
});

describe("joinBrokenLines", () => {
  it("joins a sentence that the page's width has cut", () => {
    const text =
      "用人单位自用工之日起超过一个月不满一年未与劳动者\n订立书面劳动合同的，应当向劳动者每月支付二倍的工\n资。";
    expect(joinBrokenLines(text)).toBe(text.replaceAll("\n", ""));
  });

  it("keeps titles, articles and list items on lines of their own", () => {
    const text = [
      "劳动合同法",
      "第一章 总则",
      "第一条 为了完善劳动合同制度明确劳动合同双方当事人的权利",
      "第二条 本法所称劳动者有下列情形之一并且已经满足下列条件",
      "（一）在职的全体人员以及依照本法规定视同在职的其他人员们",
      "二、其他",
    ].join("\n");
    expect(joinBrokenLines(text)).toBe(text);
  });

  it("puts a blank between Latin words only", () => {
    expect(joinBrokenLines("the employer has to pay wages\nevery month")).toBe(
      "the employer has to pay wages every month",
    );
  });

  it("goes on over a page end only inside a sentence", () => {
    expect(pageJoint("用人单位应当按照劳动合同约定和国家规定向劳动者", "及时足额支付劳动报酬。")).toBe("");
    expect(pageJoint("用人单位应当按照劳动合同约定和国家规定支付报酬。", "劳动者可以申请支付令。")).toBe(
      "\n",
    );
    expect(pageJoint("附则", "本法自公布之日起施行。")).toBe("\n");
  });
});
