import { describe, expect, it } from "vitest";
import { joinLines, readBurst, saidIn } from "../../../src/conversation/read-burst.ts";
import { attached, burstOf, contactSaid } from "./turn-input.ts";

const heard = { heard: true };

describe("a burst", () => {
  it("is read as lines in order, each once", () => {
    const burst = readBurst(burstOf(["在吗", "工资没发", "在吗", " 工资没发 "]), heard);
    expect(burst.lines).toEqual(["在吗", "工资没发"]);
  });

  it("holds what was heard in a voice at its place", () => {
    const voice = attached("voice", { text: "老板跑了" });
    const burst = readBurst(
      [contactSaid("在吗", 1), contactSaid("", 2, voice), contactSaid("怎么办", 3)],
      heard,
    );
    expect(burst.lines).toEqual(["在吗", "老板跑了", "怎么办"]);
    expect(burst.heard).toEqual(["老板跑了"]);
    expect(burst.attachments).toEqual([voice]);
  });

  it("holds no words of a voice where voices do not count, of a refused one, and of a picture", () => {
    const pieces = [attached("voice", { text: "老板跑了" }), attached("photo", { text: "劳动合同" })];
    expect(readBurst([contactSaid("", 1, ...pieces)], { heard: false }).lines).toEqual([]);
    expect(
      readBurst([contactSaid("", 1, attached("voice", { text: "x", state: "refused" }))], heard).lines,
    ).toEqual([]);
    expect(readBurst([contactSaid("", 1, attached("photo", { text: "劳动合同" }))], heard).lines).toEqual([]);
  });

  it("of megabytes is read at its beginning and its end, in whole characters", () => {
    const flood = `开头${"😀".repeat(3_000_000)}结尾`;
    const [line = ""] = readBurst([contactSaid(flood, 1)], heard).lines;
    expect(line.length).toBeLessThanOrEqual(4_100);
    expect(line.startsWith("开头")).toBe(true);
    expect(line.endsWith("结尾")).toBe(true);
    expect(line.isWellFormed()).toBe(true);
  });

  it("of a thousand messages keeps its last words", () => {
    const flood = Array.from({ length: 1_000 }, (_, index) =>
      contactSaid(`第${index}条消息说得很长很长`, index),
    );
    const text = joinLines(readBurst(flood, heard).lines);
    expect(text.length).toBeLessThanOrEqual(4_100);
    expect(text).toContain("第0条");
    expect(text).toContain("第999条");
  });

  it("of blanks and empty messages has no line", () => {
    expect(readBurst([contactSaid("", 1), contactSaid(" \n", 2)], heard).lines).toEqual([]);
  });
});

it("what a message says is its text and what was heard", () => {
  expect(saidIn(contactSaid("您听", 1, attached("voice", { text: "老板跑了" })))).toBe("您听\n老板跑了");
});
