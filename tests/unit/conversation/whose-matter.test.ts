import { describe, expect, it } from "vitest";
import { plainWords } from "../../../src/conversation/signs/plain-words.ts";
import { chanceOfOurs, isElsewhere, isLikelyOurs } from "../../../src/conversation/subject/whose-matter.ts";
import { turnOver } from "./turn-over.ts";

describe("whose matter a message is", () => {
  it.each([
    "我们跑单的被站长扣了三百，他说我超时",
    "老板讲好一天两百四，结账变成一百八",
    "在厂里搬货把腰扭了，他们说自己看病",
    "干满十二年了，让我签自愿离职",
    "公司让我去给他家装修房子不给钱",
    "离婚了想调回重庆上班，公司不批请假",
  ])("ours: %s", (message) => {
    expect(isElsewhere(plainWords(message))).toBe(false);
    expect(isLikelyOurs(chanceOfOurs(plainWords(message)))).toBe(true);
  });

  it.each([
    "跟媳妇过不下去了，房子写的我爸名字，她能分吗",
    "信用卡欠了六万，银行天天打电话",
    "楼上漏水把我家吊顶泡了",
    "买的二手车发动机坏了，车行不认",
    "红烧肉要炖多久才软",
    "帮我写个python脚本",
  ])("another's: %s", (message) => expect(isElsewhere(plainWords(message))).toBe(true));

  it.each([
    "邻居家的狗把我孩子咬了，打针的钱谁出",
    "我们几个股东散伙，设备怎么分",
    "儿子打架被拘留，能保出来不",
  ])("not likely ours: %s", (message) => expect(isLikelyOurs(chanceOfOurs(plainWords(message)))).toBe(false));
});

describe("what is said where a message is not ours", () => {
  it("is that, also where the search finds something", async () => {
    const answer = await turnOver("finds").reply("信用卡欠了六万，银行天天打电话");
    expect(answer).toMatchObject({ state: "out_of_scope", handOver: "none", citations: [] });
  });

  it("is that nothing is known, with a person offered, where it is ours and nothing was found", async () => {
    const answer = await turnOver("finds nothing").reply("年假有几天");
    expect(answer).toMatchObject({ state: "nothing_found", handOver: "offered" });
  });

  it("goes on with the matter that was told before", async () => {
    const answer = await turnOver("finds").reply("那要是离婚证呢", ["公司让我交什么材料才给婚假"]);
    expect(answer.state).not.toBe("out_of_scope");
  });
});
