import { describe, expect, it } from "vitest";
import type { GroundedAnswer } from "../../../src/answering/grounded-answer.ts";
import { longestMessage } from "../../../src/messaging/clean-text.ts";
import { type Script, says, storedMessages } from "./site.ts";
import { askedIn, patience, type Stage, textsOf } from "./stage.ts";

const echo: Script = ({ messages }) => says(messages.map(({ text }) => `回：${text}`).join("｜"));

const cited = (index: number, document: string) => ({
  index,
  chunkId: `c${index}`,
  document,
  section: "一",
  source: "《劳动合同法》第八十二条",
  quote: "二倍",
});

const answer: GroundedAnswer = {
  state: "grounded",
  text: "可以要二倍工资[1][2]，也可以申请仲裁[3]。",
  citations: [cited(1, "没签合同"), cited(2, "没签合同"), cited(3, "申请仲裁")],
  provenance: [],
  handOver: "none",
  facts: {},
  missing: [],
  calculation: null,
};

/** What is said, back and forth. */
export function textCases({ subject, play }: Stage): void {
  const { can } = subject;

  describe("text", () => {
    it("comes in as it was written, and the reply goes out", async () => {
      const { driver, site, seen } = await play(echo);
      await driver.write("老板拖了三个月工资，怎么办？");
      expect(textsOf(await seen(1)).join()).toContain("回：老板拖了三个月工资，怎么办？");
      expect(askedIn(site)).toEqual(["老板拖了三个月工资，怎么办？"]);
    });

    it.skipIf(!subject.redelivers)("delivered twice is stored once and answered once", async () => {
      const { driver, site, seen, settled } = await play(echo);
      const first = await driver.write("一次");
      await seen(1);
      await driver.redeliver?.(first);
      await driver.write("之后");
      await seen(2);
      await settled();
      expect(askedIn(site)).toEqual(["一次", "之后"]);
      expect(await driver.seen()).toHaveLength(2);
    });

    it("in a burst is one turn, in the order in which it was written", async () => {
      const { driver, site, seen, settled } = await play(echo, { burstMs: 1_500 });
      for (const text of ["在吗", "工资没发", "怎么办"]) await driver.write(text);
      await seen(1);
      await settled();
      expect(site.turns.map(({ messages }) => messages.map(({ text }) => text))).toEqual([
        ["在吗", "工资没发", "怎么办"],
      ]);
      expect(await driver.seen()).toHaveLength(1);
    });

    it("of several replies arrives in their order", async () => {
      const { driver, seen } = await play(() => says("一", "二", "三"));
      await driver.write("在吗");
      expect(textsOf(await seen(3)).map((text) => text.trim().slice(-1))).toEqual(["一", "二", "三"]);
    });

    it("that looks like markup arrives as it was said", async () => {
      const text = "<b>5 < 6 & 7</b> *星* _下_ `码` [链](http://a.cn) \\ 完";
      const { driver, seen } = await play(() => says(text));
      await driver.write("在吗");
      expect(textsOf(await seen(1))[0]).toContain(text);
    });

    it(`longer than ${can.longestText} is split at sentence ends, and nothing is lost`, async () => {
      const sentence = "这一条规定说的是工资应当按月支付给劳动者本人，不得克扣，也不得无故拖欠。";
      const long = sentence.repeat(Math.ceil((can.longestText * 1.5) / sentence.length));
      const { driver, seen, settled } = await play(() => says(long));
      await driver.write("在吗");
      await seen(1);
      await settled();
      const parts = textsOf(await driver.seen());
      const size = driver.measure ?? ((text: string) => text.length);
      expect(parts.join("").replace(/\s/gu, "")).toBe(long);
      // A page shows the whole.
      if (can.sources === "page") return;
      expect(parts.length).toBeGreaterThan(1);
      for (const part of parts) {
        expect(size(part)).toBeLessThanOrEqual(can.longestText);
        expect(part.endsWith("。")).toBe(true);
      }
    });
  });

  describe("sources", () => {
    it(`are shown as ${can.sources}`, async () => {
      const { driver, seen } = await play(() => ({
        replies: [{ sender: "bot", text: answer.text, answer }],
      }));
      await driver.write("没签合同");
      const [first] = await seen(1);
      expect(first?.text).toContain(answer.text);
      if (can.sources === "page") {
        expect(first?.sources).toEqual(["没签合同", "没签合同", "申请仲裁"]);
        return;
      }
      // One line a document.
      expect(first?.text).toMatch(/\[1\]\[2\] 没签合同.*《劳动合同法》第八十二条/u);
      expect(first?.text).toMatch(/\[3\] 申请仲裁/u);
    });
  });

  describe("quick replies", () => {
    it(`are shown as ${can.quickReplies}, and one that is chosen comes back`, async () => {
      const { driver, site, seen } = await play(({ history }) =>
        history.length === 0
          ? { replies: [{ sender: "bot", text: "要删吗？", quickReplies: ["确认删除", "先不删"] }] }
          : says("好的"),
      );
      await driver.write("删除");
      const [first] = await seen(1);
      expect(first?.text).toContain("要删吗？");
      if (can.quickReplies === "buttons") {
        expect(first?.buttons).toEqual(["确认删除", "先不删"]);
        await driver.press?.("先不删");
        await seen(2);
        expect(askedIn(site)).toEqual(["删除", "先不删"]);
        return;
      }
      expect(first?.text).toMatch(/回复数字.*\n1\. 确认删除\n2\. 先不删/u);
      await driver.write("2");
      await seen(2);
      // The turn finds what the number stands for in what was said before.
      expect(site.turns[1]?.history.at(-1)?.quickReplies).toEqual(["确认删除", "先不删"]);
    });
  });

  describe("bad input", () => {
    it("with marks that hide or turn text is cleaned, and what is written next is answered", async () => {
      const { driver, site } = await play(echo);
      await driver.write("工\u200b资\u202e没发\u202c");
      await driver.write("\u200b\u2060\u202e");
      await driver.write("在吗");
      await expect.poll(async () => textsOf(await driver.seen()).join(), patience).toMatch(/回：.*在吗/u);
      const asked = askedIn(site);
      expect(asked[0]?.replace(/\p{Cf}/gu, "")).toBe("工资没发");
      expect(asked.join()).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/u);
      for (const text of asked) expect(text.replace(/[\p{Cf}\s]/gu, "") === "" ? text : "").toBe("");
    });

    it("of ten megabytes is refused or cut, and what is written next is answered", async () => {
      const { driver, site } = await play(echo);
      const { refused } = await driver.write("工资没发。".repeat(700_000));
      if (refused !== undefined) expect(refused).toBe("http.too_large");
      await driver.write("在吗");
      await expect
        .poll(async () => textsOf(await driver.seen()).join(), patience)
        .toMatch(/回：[\s\S]*在吗/u);
      for (const { text } of await storedMessages(site)) expect(text.length).toBeLessThan(2 * longestMessage);
    });

    it("and what anybody wrote stand in no log", async () => {
      const { driver, site, seen } = await play(echo);
      await driver.write("我叫王小明，电话13812345678");
      await seen(1);
      const log = site.log.join("\n");
      for (const secret of ["王小明", "13812345678"]) expect(log).not.toContain(secret);
    });
  });
}
