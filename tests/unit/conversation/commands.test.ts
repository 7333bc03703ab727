import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Command, commandIn, isSlashCommand } from "../../../src/conversation/commands.ts";

describe("a command", () => {
  it.each<[string, Command]>([
    ["/start", "start"],
    ["/start poster-42", "start"],
    ["/help", "help"],
    ["/help@niangjia_bot", "help"],
    ["帮助", "help"],
    ["help", "help"],
    ["/human", "human"],
    ["人工", "human"],
    [" 转人工 ", "human"],
    ["ＨＵＭＡＮ", "human"],
    ["／ｈｅｌｐ", "help"],
    ["/forget", "forget"],
    ["删除我的信息", "forget"],
    ["删除我的信息。", "forget"],
    ["删\u200b除\u2060我的信息\ufeff", "forget"],
    ["\u202e忘记我\u202c", "forget"],
    ["Delete my data!", "forget"],
    ["delete  my\tdata", "forget"],
    ["确认删除", "confirm_forget"],
    ["先不删", "keep"],
  ])("is read in %j", (line, command) => expect(commandIn(line)).toBe(command));

  it.each([
    "请删除我的信息",
    "怎么删除我的信息",
    "人工智能",
    "转人工客服",
    "帮助我",
    "我要人工",
    "/help me",
    "/forget all of it",
    "/unknown",
    "start",
    "忘记我吧你",
    "确认删除吗",
    "",
    "/",
    `人工${" ".repeat(500)}x`,
  ])("is not read in %j", (line) => expect(commandIn(line)).toBeUndefined());

  it("stands in no text of any kind that only contains it", () => {
    const other = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => /[\p{L}\p{N}]/u.test(text));
    fc.assert(
      fc.property(other, fc.constantFrom("人工", "删除我的信息", "帮助"), (text, word) => {
        expect(commandIn(`${word}，${text}`)).toBeUndefined();
      }),
    );
  });

  it("in the way of machines tells nothing of a language", () => {
    expect(isSlashCommand("/help")).toBe(true);
    expect(isSlashCommand("help")).toBe(false);
    expect(isSlashCommand("/etc/passwd")).toBe(false);
  });
});
