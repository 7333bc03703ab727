import { describe, expect, it } from "vitest";
import { SpellingMender } from "../../../../../src/knowledge/retrieval/query/mend-spelling.ts";
import { Tokenizer } from "../../../../../src/knowledge/retrieval/tokenizer.ts";

const tokenizer = new Tokenizer();
const segment = (text: string) => tokenizer.words(text);
const vocabulary: [string, number][] = (
  "劳动 合同 劳动合同 经济 补偿 经济补偿 补偿金 赔偿 拖欠 仲裁 辞退 辞职 社保 加班 加班费 会费 产假 婚假 医疗 工会 工伤 工资 " +
  "强制执行 强制 职业 职业病 包工头 公司 法院 负责 负责人 立即 不会 之间"
)
  .split(" ")
  .map((word) => [word, 100]);
const mender = new SpellingMender(vocabulary, segment);

describe("misspelt words", () => {
  it.each([
    ["公司不买社宝", "公司不买社保"],
    ["劳动和同没签", "劳动合同没签"],
    ["经济补尝怎么算", "经济补偿怎么算"],
    ["拖歉工资", "拖欠工资"],
    ["仲才要好久", "仲裁要好久"],
    ["被辞腿了", "被辞退了"],
    ["加班废不给", "加班费不给"],
    ["会废交多少", "会费交多少"],
    ["卜常金", "补偿金"],
    ["我想迟职", "我想辞职"],
    ["强制直行", "强制执行"],
    ["职业并去哪里看", "职业病去哪里看"],
    ["包公头跑了", "包工头跑了"],
    ["医料期", "医疗期"],
    ["产价和婚价", "产假和婚假"],
  ])("%s is read as %s", (written, meant) => {
    expect(mender.mend(written).text).toBe(meant);
  });

  it("are named with what they were taken for, in the order of the text", () => {
    expect(mender.mend("产价没给，公司又把我辞腿了").corrections).toEqual([
      { from: "产价", to: "产假" },
      { from: "辞腿", to: "辞退" },
    ]);
  });

  it("become words of this vocabulary only", () => {
    const other = new SpellingMender([["天气", 100]], segment);
    expect(other.mend("公司不买社宝")).toEqual({ text: "公司不买社宝", corrections: [] });
  });

  it("are not taken for a word that hardly any entry has", () => {
    const rare = new SpellingMender([["社保", 1]], segment);
    expect(rare.mend("公司不买社宝").corrections).toEqual([]);
  });
});

describe("a text that is right", () => {
  it.each([
    "晚上加班会比较晚",
    "申请法援要带什么",
    "我和同事吵架了",
    "签和不签有区别吗",
    "的工资是多少",
    "他说不回公司了",
    "服务器坏了",
    "工地上拉到医院去了",
    "甲乙丙三个人",
    "我要报仇",
    "厂里的机器坏了，立机没有坏",
    "一二三四五六七八",
    "How much is overtime pay?",
    "。，！？",
    "",
  ])("%s stays", (text) => {
    expect(mender.mend(text)).toEqual({ text, corrections: [] });
  });
});
