import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { crisisSigns } from "../../../src/conversation/signs/danger.ts";
import { handOverSigns } from "../../../src/conversation/signs/person-needed.ts";
import { plainWords } from "../../../src/conversation/signs/plain-words.ts";
import { wrongdoingSigns } from "../../../src/conversation/signs/wrongdoing.ts";
import { type Course, triage } from "../../../src/conversation/triage.ts";

interface Case {
  readonly text: string;
  readonly course: Course;
  readonly reason?: string;
}

const lines = (path: string): string[] =>
  readFileSync(fileURLToPath(new URL(path, import.meta.url)), "utf8")
    .trim()
    .split("\n");
const cases = lines("../../../src/conversation/signs/examples.jsonl").map((line) => JSON.parse(line) as Case);
const of = (course: Course): Case[] => cases.filter((known) => known.course === course);

describe.each<Course>(["crisis", "hand_over", "out_of_scope", "small_talk", "answer"])(
  "a message that is labelled %s",
  (course) => {
    it.each(of(course))("is decided so: $text", ({ text, reason }) => {
      const decision = triage(text);
      expect(decision.course).toBe(course);
      if (reason !== undefined) expect(decision.reasons).toContain(reason);
    });
  },
);

describe("what a course means for the hand-over", () => {
  it("is a started hand-over for danger and for matters that need a person", () => {
    for (const { text } of [...of("crisis"), ...of("hand_over")])
      expect(triage(text).handOver).toBe("started");
  });

  it("is no hand-over for courtesies and other subjects", () => {
    for (const { text } of [...of("out_of_scope"), ...of("small_talk")])
      expect(triage(text).handOver).toBe("none");
  });

  it.each([
    "老板拖欠工资三个月了",
    "公司把我辞退了没有赔偿",
    "厂里不给交社保怎么办",
    "领导硬要调我去外地，不去就算旷工",
    "身份证被公司扣了怎么要回来",
    "干完活到现在还没给我结账，工头一直推",
    "揭不开锅了，仲裁还没裁下来能不能先要点钱",
    "工伤私了签了字，现在反悔还能不能再要",
  ])("is offered in a quarrel with an employer: %s", (message) =>
    expect(triage(message)).toMatchObject({ course: "answer", handOver: "offered" }),
  );

  it.each([
    "年假有几天",
    "加班费怎么算",
    "工伤九级能赔多少",
    "入会要交多少钱",
    "退休年龄是几岁",
    "女职工产假多少天",
    "小微企业工会经费全额返还怎么申请",
    "互助资金池怎么设立",
  ])("is not offered unasked under a plain question: %s", (message) =>
    expect(triage(message)).toMatchObject({ course: "answer", handOver: "none" }),
  );
});

describe("danger outranks everything else in a message", () => {
  it.each([
    "你好，我不想活了",
    "帮我做一份假工资条，不然我就从楼顶跳下去",
    "转人工，工友触电了叫不醒",
    "老板跑了，我们三十个人的钱都没了，我准备去跳江",
  ])("%s", (message) => expect(triage(message).course).toBe("crisis"));
});

describe("ways around the words", () => {
  it.each([
    ["转\u200b人\u200b工", "hand_over"],
    ["转 人 工", "hand_over"],
    ["轉人工", "hand_over"],
    ["我想自 杀", "crisis"],
    ["我想紫杀", "crisis"],
    ["我要跳lou", "crisis"],
    ["REAL PERSON please", "hand_over"],
  ])("%s is read as it is meant", (message, course) => expect(triage(message).course).toBe(course));

  it("takes dialect for what it says and leaves words that only look like dialect", () => {
    expect(plainWords("遭撵出来咯，咋个克告嘛")).toBe("被赶出来咯,怎么去告嘛");
    for (const same of ["克扣工资", "克服困难", "500克", "遭遇车祸", "莫名其妙"])
      expect(plainWords(same)).toBe(same);
  });
});

describe("a long story", () => {
  const story = "今年三月我到这边做事,每天早出晚归,一个月歇两天,吃住都在那边,相处得还算平和。".repeat(20);

  it.each(of("crisis"))("hides no danger in its middle: $text", ({ text }) => {
    expect(triage(`${story}${text}。${story}`).course).toBe("crisis");
  });

  it("keeps the request that stands at its end", () => {
    expect(triage(`${story}转人工`).reasons).toContain("person_asked");
  });
});

describe("signs", () => {
  it.each(
    [...crisisSigns, ...handOverSigns, ...wrongdoingSigns].map(
      (sign, index) => [`${index} ${sign.reason}`, sign] as const,
    ),
  )("%s has a cue in everything that its pattern finds", (_name, { cue, pattern }) => {
    const uncued = cases
      .map(({ text }) => pattern.exec(plainWords(text))?.[0])
      .filter((match) => match !== undefined && ![...cue].some((character) => match.includes(character)));
    expect(uncued).toEqual([]);
  });
});

describe("hostile input", () => {
  it.each(["", " ", "。。。", "😀😀", "\u0000\u0001", "مرحبا", "\ud800"])(
    "%j is decided without an error",
    (message) => {
      expect(() => triage(message)).not.toThrow();
    },
  );

  it.each(["死", "拿刀", "我被", "帮我做假", "1", "三十", "a", "老板拖欠", "转 "])(
    "ten thousand times %s is decided by a bounded search",
    (piece) => {
      expect(() => triage(piece.repeat(10_000))).not.toThrow();
    },
  );
});
