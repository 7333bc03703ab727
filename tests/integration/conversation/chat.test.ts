import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, it } from "vitest";
import { terminalChat } from "../../../src/channels/terminal/chat.ts";
import type { TurnHandler } from "../../../src/messaging/turn-handler.ts";
import { turnOver } from "../../unit/conversation/turn-over.ts";

/** What a conversation of these lines prints. */
async function chat(lines: readonly string[], handler: TurnHandler = turnOver("finds").turn) {
  const input = new PassThrough();
  const output = new PassThrough();
  const printed = text(output);
  const errors: unknown[] = [];
  input.end(lines.map((line) => `${line}\n`).join(""));
  await terminalChat({
    input,
    output,
    interactive: false,
    greeting: "您好",
    handler,
    logger: { error: (details) => void errors.push(details) },
    now: () => new Date("2026-11-21T15:30:00.000Z"),
  });
  output.end();
  return { printed: await printed, errors };
}

it("a question is answered with its sources, and a follow-up goes on with it", async () => {
  const { turn, asked } = turnOver("finds");
  const { printed } = await chat(["公司一直不签合同", "那要多久呢"], turn);
  expect(printed).toMatch(/来源：\n\[1\]/u);
  expect(asked).toContain("公司一直不签合同 要多久");
});

it("help offers questions by number, and a number asks one", async () => {
  const { turn, asked } = turnOver("finds");
  const { printed } = await chat(["帮助", "2"], turn);
  const offered = /^2\. (?<example>.+)$/mu.exec(printed)?.groups?.example;
  expect(offered).toBeDefined();
  expect(asked[0]).toBe(offered);
});

it("deleting says that nothing was stored, and what was said is forgotten", async () => {
  const { turn, asked } = turnOver("finds");
  const { printed } = await chat(["公司一直不签合同", "删除我的信息", "那要多久呢"], turn);
  expect(printed).toContain("本来就没有存下来");
  expect(printed).not.toContain("备份");
  expect(asked.at(-1)).not.toContain("合同");
});

it("asking for a person says that nobody was told", async () => {
  expect((await chat(["人工"])).printed).toContain("没有记下来");
});

it("ends at a goodbye, and reads nothing after it", async () => {
  const { turn, asked } = turnOver("finds");
  const { printed } = await chat(["退出", "公司一直不签合同"], turn);
  expect(printed).toContain("再见");
  expect(asked).toEqual([]);
});

it("a turn that fails is told of, and the next line is answered", async () => {
  const { turn } = turnOver("finds");
  let calls = 0;
  const handler: TurnHandler = {
    handle: (...given) => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error("broken")) : turn.handle(...given);
    },
  };
  const { printed, errors } = await chat(["公司一直不签合同", "帮助"], handler);
  expect(printed).toContain("请再说一次");
  expect(printed).toContain("您可以这样用");
  expect(errors).toHaveLength(1);
});

it("marks that move the cursor are not printed", async () => {
  const handler: TurnHandler = {
    handle: async () => ({ replies: [{ sender: "bot", text: "好\u001b[2J\u0007的" }] }),
  };
  expect((await chat(["在吗"], handler)).printed).toContain("好[2J的");
});
