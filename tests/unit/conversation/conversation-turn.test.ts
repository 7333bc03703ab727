import { describe, expect, it } from "vitest";
import { burstOf, contactSaid, saidToContact } from "./turn-input.ts";
import { turnOver } from "./turn-over.ts";

describe("a turn", () => {
  it("answers from the knowledge with citations and provenance", async () => {
    const answer = await turnOver("finds").reply("公司没签合同我能要多少");
    expect(answer).toMatchObject({ state: "grounded" });
    expect(answer.citations.length).toBeGreaterThan(0);
    expect(answer.provenance.length).toBeGreaterThan(0);
  });

  it("offers a person under a quarrel, and not under a plain question", async () => {
    const { reply } = turnOver("finds");
    const quarrel = await reply("公司一直不给我签合同");
    expect(quarrel.handOver).toBe("offered");
    expect(quarrel.text).toContain("人工");
    expect((await reply("二倍工资怎么算")).handOver).toBe("none");
  });

  it("says honestly that nothing was found, with hotlines and a person", async () => {
    const answer = await turnOver("finds nothing").reply("工资条上的绩效系数是什么");
    expect(answer).toMatchObject({ state: "nothing_found", handOver: "offered", citations: [] });
    expect(answer.text).toMatch(/12351/u);
  });

  it.each([
    ["asdf qwer zxcv"],
    ["1234567890"],
    ["<script>alert(1)</script>"],
    ["ئىش ھەققىمنى بەرمىدى؟"],
    ["啊啊啊啊啊啊"],
    ["😡😡😡"],
  ])("cites nothing for %s, whatever the search would bring up", async (message) => {
    const { reply, asked } = turnOver("finds");
    const { state, citations } = await reply(message);
    expect(["nothing_found", "small_talk", "out_of_scope"]).toContain(state);
    expect(citations).toEqual([]);
    expect(asked).toEqual([]);
  });

  it("reads the short names that workers use", async () => {
    expect(await turnOver("finds").reply("2N怎么算")).toMatchObject({ state: "grounded" });
  });

  it("cites nothing while the library is away", async () => {
    const answer = await turnOver("is away").reply("公司没签合同怎么办");
    expect(answer).toMatchObject({ state: "library_unavailable", citations: [] });
  });

  it("leaves other parts of life alone, also where search finds something", async () => {
    const { reply, asked } = turnOver("finds");
    expect(await reply("今天天气怎么样")).toMatchObject({ state: "out_of_scope", citations: [] });
    expect(await turnOver("finds nothing").reply("窗帘缩水了怎么恢复")).toMatchObject({
      state: "out_of_scope",
    });
    expect(asked).toEqual([]);
  });

  it("puts the hotlines first in danger, and searches nothing", async () => {
    const { reply, asked } = turnOver("is away");
    const answer = await reply("老板不给钱，我不想活了");
    expect(answer).toMatchObject({ state: "crisis", handOver: "started" });
    for (const number of ["12356", "110", "120"]) expect(answer.text).toContain(number);
    expect(asked).toEqual([]);
  });

  it("records a bare request for a person without searching, and answers one that tells its matter", async () => {
    const { reply, asked } = turnOver("finds");
    expect(await reply("我要找人工")).toMatchObject({ handOver: "started", citations: [] });
    expect(asked).toEqual([]);
    const answer = await reply("转人工，我们公司没签合同也不发二倍工资，我想问问能要多少钱");
    expect(answer).toMatchObject({ state: "grounded", handOver: "started" });
    expect(answer.citations.length).toBeGreaterThan(0);
    expect(answer.text.indexOf("二倍工资")).toBeGreaterThan(answer.text.indexOf("12351"));
  });

  it("still records the request where nothing was found or the library is away", async () => {
    const message = "转人工，我们公司没签合同也不发二倍工资，我想问问能要多少钱";
    expect(await turnOver("finds nothing").reply(message)).toMatchObject({
      state: "grounded",
      handOver: "started",
    });
    expect(await turnOver("is away").reply(message)).toMatchObject({
      state: "library_unavailable",
      handOver: "started",
    });
  });
});

describe("a burst", () => {
  it("is read as one question, each line once", async () => {
    const { handle, asked } = turnOver("finds");
    const burst = burstOf(["公司没签合同", "干了八个月", "公司没签合同", "能要多少"]);
    const { replies } = await handle(burst);
    expect(replies).toHaveLength(1);
    expect(new Set(asked)).toEqual(new Set(["公司没签合同\n干了八个月\n能要多少"]));
  });

  it("keeps a request for a person beside the question that is answered", async () => {
    const { handle } = turnOver("finds");
    const { handOver, text } = await handle([
      contactSaid("公司没签合同，能要二倍工资吗", 1),
      contactSaid("人工", 2),
    ]);
    expect(handOver).toEqual({ reasons: ["person_asked"] });
    expect(text).toContain("[1]");
  });

  it("with a greeting command answers the question", async () => {
    const { handle } = turnOver("finds");
    const { replies } = await handle([contactSaid("/start", 1), contactSaid("公司没签合同怎么办", 2)]);
    expect(replies).toMatchObject([{ answer: { state: "grounded" } }]);
  });
});

describe("a follow-up", () => {
  it("is searched together with the matter that the contact told, not with replies and commands", async () => {
    const { handle, asked } = turnOver("finds");
    const { replies, handOver } = await handle(
      [contactSaid("那要多久呢", 6)],
      [
        contactSaid("公司一直不签合同", 1),
        saidToContact("可以要二倍工资。", 2),
        contactSaid("/help", 3),
        saidToContact("这样用", 4),
        contactSaid("谢谢", 5),
      ],
    );
    expect(new Set(asked)).toEqual(new Set(["公司一直不签合同 要多久"]));
    expect(replies).toMatchObject([{ sender: "bot", answer: { state: "grounded" } }]);
    expect(handOver).toBeUndefined();
  });

  it("remembers the quick reply behind an earlier number", async () => {
    const { handle, asked } = turnOver("finds");
    await handle(
      [contactSaid("那要多久呢", 4)],
      [
        saidToContact("您好", 1, { quickReplies: ["公司一直不签合同"] }),
        contactSaid("1", 2),
        saidToContact("好", 3),
      ],
    );
    expect(new Set(asked)).toEqual(new Set(["公司一直不签合同 要多久"]));
  });
});

it("a message of ten megabytes is answered in little time", async () => {
  const { handle } = turnOver("finds");
  const { replies } = await handle([contactSaid("公司没签合同怎么办？".repeat(500_000), 1)]);
  expect(replies.length).toBeGreaterThan(0);
});

it.each(["\u200b\u200b", "\u202e\u202d", "\ufeff", " ", ""])(
  "%j, in which nothing is seen, is met kindly",
  async (text) => {
    const { handle, asked } = turnOver("finds");
    expect((await handle([contactSaid(text, 1)])).text).toContain("慢慢说");
    expect(asked).toEqual([]);
  },
);
