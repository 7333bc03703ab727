import { beforeAll, describe, expect, it } from "vitest";
import { Answerer } from "../../../src/answering/answer-question.ts";
import { ConversationTurn } from "../../../src/conversation/conversation-turn.ts";
import { AppError } from "../../../src/errors.ts";
import type { LocalData } from "../../../src/knowledge/documents/local-data.ts";
import { readFolderSettings, shippedKnowledge } from "../../../src/knowledge/knowledge-folder.ts";
import type { IndexedChunk } from "../../../src/knowledge/retrieval/index-entries.ts";
import type { SearchQuery } from "../../../src/knowledge/retrieval/search-index.ts";
import type { StoredMessage } from "../../../src/messaging/message.ts";
import { doubleWageGuide, passagesFrom } from "../../support/passages.ts";
import { scored, searchOf } from "../../support/scored-passages.ts";

let guide: IndexedChunk[];
let local: LocalData;

beforeAll(async () => {
  guide = await passagesFrom("guide.md", doubleWageGuide);
  ({ local } = await readFolderSettings(shippedKnowledge, "chongqing"));
});

type Library = "finds" | "finds nothing" | "is away";

function turnOver(library: Library) {
  const asked: string[] = [];
  const search = {
    ...searchOf(guide, []),
    search: async ({ text }: SearchQuery) => {
      asked.push(text);
      return library === "finds" ? scored(guide) : [];
    },
  };
  const turn = new ConversationTurn({
    local: () => local,
    answerer: new Answerer({
      region: "重庆",
      today: () => "2026-11-21",
      onUnavailable: () => {},
      library: {
        pin: () => {
          if (library === "is away") throw new AppError("knowledge.library_unavailable", "none");
          return search;
        },
      },
    }),
  });
  const reply = async (message: string, earlier: readonly string[] = []) =>
    (await turn.reply(message, earlier, () => {}, new AbortController().signal)).answer;
  return { turn, asked, reply };
}

const stored = (sender: StoredMessage["sender"], text: string, seq: number): StoredMessage => ({
  id: `m${seq}`,
  conversationId: "c",
  seq,
  sender,
  text,
  createdAt: "2026-11-21T00:00:00Z",
});

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
    expect(await turnOver("finds nothing").reply("紫色的那个")).toMatchObject({ state: "out_of_scope" });
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

  it("searches a follow-up together with the matter that the contact told, not with replies", async () => {
    const { turn, asked } = turnOver("finds");
    const previews: string[] = [];
    const result = await turn.handle(
      {
        message: stored("contact", "那要多久呢", 4),
        history: [
          stored("contact", "公司一直不签合同", 1),
          stored("bot", "可以要二倍工资。", 2),
          stored("contact", "谢谢", 3),
        ],
      },
      { preview: (text) => previews.push(text) },
      new AbortController().signal,
    );
    expect(new Set(asked)).toEqual(new Set(["公司一直不签合同 要多久"]));
    expect(result.replies).toHaveLength(1);
    expect(result.replies[0]).toMatchObject({ sender: "bot", answer: { state: "grounded" } });
    expect(result.handOver).toBeUndefined();
  });

  it("hands the reasons of a request for a person on with its turn", async () => {
    const { turn } = turnOver("finds");
    const result = await turn.handle(
      { message: stored("contact", "我要找人工", 1), history: [] },
      { preview: () => {} },
      new AbortController().signal,
    );
    expect(result.handOver).toEqual({ reasons: ["person_asked"] });
  });
});
