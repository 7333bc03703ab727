import { beforeAll, describe, expect, it } from "vitest";
import type { LanguageModel, ModelPrompt } from "../../../src/answering/language-model.ts";
import { createModelComposer } from "../../../src/answering/model-composer.ts";
import { Prompts } from "../../../src/answering/prompts.ts";
import { ResilientModel } from "../../../src/answering/resilient-model.ts";
import { selectSupport } from "../../../src/answering/select-passages.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import { doubleWageGuide, guidePassages, passagesFrom } from "../../support/passages.ts";
import { lawText, scored, searchOf } from "../../support/scored-passages.ts";

let prompts: Prompts;
let guide: IndexedChunk[];
let law: IndexedChunk[];
let shipped: IndexedChunk[];

beforeAll(async () => {
  prompts = await Prompts.load("prompts");
  guide = await passagesFrom("guide.md", doubleWageGuide);
  law = await passagesFrom("中华人民共和国测试劳动法.txt", lawText);
  shipped = await guidePassages();
});

async function compose(reply: string, hits: readonly IndexedChunk[]) {
  const asked: ModelPrompt[] = [];
  const unused: string[] = [];
  const model: LanguageModel = {
    name: "speaker",
    async *stream(prompt) {
      asked.push(prompt);
      yield reply;
    },
  };
  const composer = createModelComposer({
    model: new ResilientModel(model, { now: () => 0 }),
    prompts,
    newMarker: () => "q7m2x9",
    onUnused: (reason) => unused.push(reason),
  });
  const draft = await composer(
    {
      question: "公司一直不签合同怎么办",
      earlier: [],
      support: selectSupport(scored(hits)),
      search: searchOf([...guide, ...law, ...shipped], []),
    },
    () => {},
    new AbortController().signal,
  );
  return { draft, unused, prompt: asked[0]?.user ?? "" };
}

describe("createModelComposer", () => {
  const good = "超过一个月没签书面合同，每月要付二倍工资[1]。";

  it("gives the reply with the passages that it cites", async () => {
    const { draft, unused } = await compose(good, guide);
    expect(draft).toMatchObject({ text: good, citations: [{ index: 1 }] });
    expect(unused).toEqual([]);
  });

  it("shows the model the best guide whole, and of a law only what was found", async () => {
    const { prompt } = await compose(good, guide.slice(0, 1));
    for (const { chunk } of guide) expect(prompt).toContain(chunk.text);
    const article = law.filter(({ chunk }) => chunk.label === "第二条");
    const { prompt: ofLaw } = await compose(good, article);
    expect(ofLaw).toContain("支付工资");
    expect(ofLaw).not.toContain("为了测试");
  });

  it("shows no passage twice and no more than fit", async () => {
    const { prompt } = await compose(good, [...guide, ...shipped.slice(0, 60)]);
    const count = prompt.match(/<<<资料 \d+ 开始/gu)?.length ?? 0;
    expect(count).toBeGreaterThan(guide.length);
    expect(count).toBeLessThanOrEqual(24);
    expect(prompt.split((guide[0] as IndexedChunk).chunk.text)).toHaveLength(2);
  });

  it.each([
    ["NOT_FOUND", "not_in_passages"],
    ["单位还要另付您 88888 元[1]。", "unsupported_claim"],
    ["好的。", "uncited"],
  ])("leaves the word to the passages where the model says %s, and tells why", async (reply, reason) => {
    const { draft, unused } = await compose(reply, guide);
    expect(draft).toBeUndefined();
    expect(unused).toHaveLength(1);
    if (reason !== "uncited") expect(unused).toEqual([reason]);
    expect(unused.join()).not.toContain("88888");
  });

  it("asks nothing about no passages", async () => {
    const { draft } = await compose("NOT_FOUND", []);
    expect(draft).toBeUndefined();
  });
});
