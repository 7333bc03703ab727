import { describe, expect, test } from "vitest";
import {
  cutMentions,
  joinQuote,
  mentions,
  splitQuote,
  withinLimit,
} from "../../../../src/channels/wechat/message-text.ts";

const line = "- - - - - - - - - - - - - - -";

describe("a message that quotes another one", () => {
  test("is its reply, with the quote behind it", () => {
    const text = `「老王：工资拖了三个月」\n${line}\n这个怎么办`;
    expect(splitQuote(text)).toEqual({ said: "这个怎么办", quoted: "工资拖了三个月" });
    expect(joinQuote(splitQuote(text))).toBe("这个怎么办\n（引用：工资拖了三个月）");
  });

  test("keeps line breaks of the reply and puts the quote into one short line", () => {
    const text = `「娘家人：${"第一行\n".repeat(200)}」\n${line}\n一\n二`;
    const joined = joinQuote(splitQuote(text));
    expect(joined.startsWith("一\n二\n（引用：第一行 第一行")).toBe(true);
    expect(joined.length).toBeLessThan(220);
  });

  test("stays a bare number where it chooses one", () => {
    expect(joinQuote(splitQuote(`「娘家人：回复数字就行：\n1. 是\n2. 否」\n${line}\n2`))).toBe("2");
  });

  test.each(["「书名」很好", "普通的话", `「没有结尾\n${line}\n回复`, ""])(
    "a text that only looks like one stays: %s",
    (text) => {
      expect(joinQuote(splitQuote(text))).toBe(text);
    },
  );
});

describe("a mention", () => {
  test.each(["@小助手\u2005在吗", "@小助手 在吗", "在吗 @小助手", "@老王\u2005@小助手\u2005你们好"])(
    "is found: %j",
    (text) => {
      expect(mentions(text, ["娘家人", "小助手"])).toBe(true);
    },
  );

  test.each(["小助手在吗", "@小助手们\u2005在吗", "邮箱 a@小助手.cn", "@老王\u2005在吗"])(
    "is not taken for one: %j",
    (text) => {
      expect(mentions(text, ["小助手"])).toBe(false);
    },
  );

  test("of a name full of special characters is found and cut", () => {
    const name = "工会(1+1).*[a]|\\^$-助手";
    expect(mentions(`@${name}\u2005在吗`, [name])).toBe(true);
    expect(cutMentions(`@${name}\u2005在吗`, [name])).toBe("在吗");
  });

  test("is cut wherever it stands, and others stay", () => {
    expect(cutMentions("@小助手\u2005问一下 @老王\u2005的事 @小助手", ["小助手"])).toBe(
      "问一下 @老王\u2005的事",
    );
  });

  test("by a name that nobody else sees is cut too", () => {
    expect(cutMentions("@我的备注\u2005工伤怎么报", ["小助手"])).toBe("工伤怎么报");
  });
});

describe("the limit of a text", () => {
  test("leaves what fits, also with characters of two units", () => {
    const emoji = "😀".repeat(4_000);
    expect(withinLimit(emoji)).toBe(emoji);
    expect(withinLimit("短")).toBe("短");
  });

  test("cuts what does not and says so", () => {
    const cut = withinLimit("长".repeat(10_000));
    expect([...cut]).toHaveLength(4_000);
    expect(cut.endsWith("（后面太长，没有收全）")).toBe(true);
    expect([...withinLimit("😀".repeat(9_000))]).toHaveLength(4_000);
  });
});
