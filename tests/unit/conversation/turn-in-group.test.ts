import { describe, expect, it } from "vitest";
import { attached, burstOf, contactSaid, saidToContact } from "./turn-input.ts";
import { turnOver } from "./turn-over.ts";

const group = { surface: "group", noticeGiven: false } as const;

const inGroup = (...messages: string[]) => {
  const { handle, asked } = turnOver("finds");
  return handle(burstOf(messages), [], group).then((result) => ({ ...result, asked }));
};

describe("in a group", () => {
  it("a general question is answered from the knowledge, without a notice", async () => {
    const { replies, noticeGiven } = await inGroup("二倍工资怎么算");
    expect(replies).toMatchObject([{ sender: "bot", answer: { state: "grounded", handOver: "none" } }]);
    expect(noticeGiven).toBeUndefined();
  });

  it.each(["我公司没签合同，能要多少", "王经理不给发工资", "月薪5000，被辞退赔多少", "人工，我要投诉老板"])(
    "a personal matter (%s) is not searched: one line invites to a private chat",
    async (message) => {
      const { replies, asked, handOver, text } = await inGroup(message);
      expect(asked).toEqual([]);
      expect(replies).toHaveLength(1);
      expect(text.split("\n")).toHaveLength(1);
      expect(text).toContain("单独给我发消息");
      expect(handOver).toBeUndefined();
      expect(replies[0]?.answer).toMatchObject({ handOver: "none", citations: [] });
    },
  );

  it("in danger the telephone number comes first, and no hand-over begins", async () => {
    const { text, handOver, replies } = await inGroup("老板不给钱，我不想活了");
    expect(text.split("\n")[0]).toContain("12356");
    expect(text).toContain("单独给我发消息");
    expect(handOver).toBeUndefined();
    expect(replies[0]?.answer).toMatchObject({ state: "crisis", handOver: "none" });
  });

  it("an answer in a dispute invites for one's own case and offers no person", async () => {
    const { text } = await inGroup("公司一直不签合同怎么办");
    expect(text).toContain("[1]");
    expect(text).toContain("单独给我发消息");
    expect(text).not.toContain("回复“人工”");
  });

  it("what nothing is found for asks nobody to tell more in front of all", async () => {
    const { handle } = turnOver("finds nothing");
    const { text } = await handle([contactSaid("工资条上的绩效系数是什么", 1)], [], group);
    expect(text).toContain("没有查到");
    expect(text).not.toMatch(/说说您的情况|回复“人工”/u);
  });

  it("a follow-up does not go on with a personal matter", async () => {
    const { handle, asked } = turnOver("finds");
    await handle(
      [contactSaid("那要多久呢", 3)],
      [contactSaid("我公司没签合同", 1), saidToContact("单独说", 2)],
      group,
    );
    expect(asked.join()).not.toContain("合同");
  });

  it.each(["人工", "/human", "转人工"])("%s starts nothing and says where to ask", async (command) => {
    const { handOver, text } = await inGroup(command);
    expect(handOver).toBeUndefined();
    expect(text).toContain("单独给我发“人工”");
  });

  it.each(["/forget", "删除我的信息", "确认删除"])("%s deletes nothing and explains", async (command) => {
    const { forget, text } = await inGroup(command);
    expect(forget).toBeUndefined();
    expect(text).toContain("删除要单独办");
  });

  it.each(["/start", "帮助", "你好", ""])("%j is greeted for all", async (message) => {
    expect((await inGroup(message)).text).toContain("大家好");
  });

  it("photos and voices are asked for in private, and a voice is not repeated", async () => {
    const { handle, asked } = turnOver("finds");
    const { text } = await handle(
      [contactSaid("", 1, attached("voice", { text: "我工资没发" }), attached("photo", { text: "工资条" }))],
      [],
      group,
    );
    expect(text).toContain("不要发在群里");
    expect(text).not.toContain("我工资没发");
    expect(asked).toEqual([]);
  });

  it("English is answered in English", async () => {
    expect((await inGroup("my boss did not pay me")).text).toContain("write to me alone");
  });

  it("a number chooses nothing", async () => {
    const { handle } = turnOver("finds");
    const history = [saidToContact("要删吗", 1, { quickReplies: ["确认删除"] })];
    expect((await handle([contactSaid("1", 3)], history, group)).forget).toBeUndefined();
  });
});
