import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { condenseQuestion } from "../../../src/answering/condense-question.ts";
import { labourSubject } from "../../../src/conversation/triage-rules.ts";

const condense = (question: string, ...earlier: string[]) =>
  condenseQuestion(question, earlier, (text) => labourSubject.test(text));

describe("condenseQuestion", () => {
  const contract = "公司一直不签合同我能要什么赔偿";

  it.each([
    ["那要多久呢", "要多久"],
    ["要准备什么材料", "要准备什么材料"],
    ["去哪里办", "去哪里办"],
    ["不签会怎么样", "不签会怎么样"],
    ["如果老板不认呢", "如果老板不认"],
    ["谢谢，那我能要多少", "我能要多少"],
    ["好的，请问要花钱吗", "要花钱吗"],
  ])("reads %s together with the matter told before", (question, rest) => {
    expect(condense(question, contract)).toBe(`${contract} ${rest}`);
  });

  it.each([
    "送外卖的可以加入工会吗",
    "高温补贴一个月多少钱",
    "那怎么加入工会",
    "加班费怎么算",
    "工作的时候摔断了腿怎么办",
    "断了两根手指能赔多少",
    "我今年五十二了在这个地方做保洁做了八年他们说我超龄了叫我走人一分钱都不想给",
  ])("leaves %s alone: it is about a new matter", (question) => {
    expect(condense(question, contract)).toBe(question);
  });

  it("drops the question part of the earlier message, which would call the same answer again", () => {
    expect(condense("要多久", "劳动仲裁怎么申请")).toBe("劳动仲裁 要多久");
    expect(condense("没用完怎么办", "我想问一下年休假一年有几天")).toBe("年休假 没用完怎么办");
  });

  it("goes on about work injuries once it was asked whether something is one", () => {
    expect(condense("医药费谁出", "上班时手被机器压伤了算工伤吗")).toBe("工伤 医药费谁出");
    expect(condense("如果老板不认呢", "上班路上被车撞了算不算工伤")).toBe("工伤认定 如果老板不认");
  });

  it("goes back past questions that continued the same matter", () => {
    expect(condense("去哪里办", contract, "那要多久呢", "要钱吗")).toBe(`${contract} 去哪里办`);
  });

  it("takes along what was told between, but no thanks", () => {
    expect(condense("能要多少", "你好", "公司不签合同", "干了八个月", "好的谢谢")).toBe(
      "公司不签合同 干了八个月 能要多少",
    );
  });

  it("follows the newest matter", () => {
    expect(condense("去哪里办", contract, "产假有多少天", "那陪产假呢", "劳动仲裁怎么申请")).toBe(
      "劳动仲裁 去哪里办",
    );
  });

  it("asks for another of the kind instead of more about the first", () => {
    expect(condense("那病假呢", "年休假一年有几天")).toBe("病假");
    expect(condense("那工资呢", "试用期最长多久")).toBe("试用期 工资");
  });

  it("joins a matter that is named only under a condition", () => {
    expect(condense("没有合同怎么办", "老板拖欠我三个月工资")).toBe("老板拖欠我三个月工资 没有合同怎么办");
  });

  it("leaves a question alone where nothing was said before, or only courtesies", () => {
    expect(condense("那要多久呢")).toBe("那要多久呢");
    expect(condense("那要多久呢", "你好", "谢谢")).toBe("那要多久呢");
  });

  it("always keeps the words of the question itself, and never grows beyond what was said", () => {
    const message = fc.stringMatching(/^[那要多久合同工资不签呢吗，谢老板年假]{0,30}$/u);
    fc.assert(
      fc.property(message, fc.array(message, { maxLength: 6 }), (question, earlier) => {
        const condensed = condense(question, ...earlier);
        const said = [...earlier, question].join("").length + earlier.length;
        expect(condensed.length).toBeLessThanOrEqual(said);
      }),
    );
  });
});
