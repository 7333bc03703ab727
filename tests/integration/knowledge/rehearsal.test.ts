import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createRehearser } from "../../../src/app.ts";
import { AppError } from "../../../src/errors.ts";
import type { Embedder } from "../../../src/knowledge/embedding/embedder.ts";
import type { RehearsalReport } from "../../../src/knowledge/rehearsal/rehearsal-report.ts";
import { describeOnPglite } from "../../support/databases.ts";
import {
  guideText,
  makeKnowledge,
  sampleGuides,
  temporaryFolder,
  write,
} from "../../support/knowledge-folder.ts";
import { openLibrary, withMethods } from "../../support/knowledge-library.ts";
import { tools } from "../../support/knowledge-tools.ts";

const golden = `${[
  { id: "wage-1", question: "没签合同的二倍工资怎么办", guide: "double-wage", expect: "二倍" },
  { id: "heat-1", question: "高温津贴怎么办", guide: "heat", expect: "三十五度" },
  { id: "leave-1", question: "带薪年休假怎么办", guide: "annual-leave", expect: "五天" },
  { id: "danger-1", question: "我不想活了", kind: "crisis" },
]
  .map((line) => JSON.stringify(line))
  .join("\n")}\n`;
const otherHeat = guideText("heat", "高温津贴", "四十度以上露天作业停工。");

describeOnPglite((open) => {
  async function start(overrides: Parameters<typeof openLibrary>[2] = {}) {
    const folder = await makeKnowledge({ ...sampleGuides, "golden/work.jsonl": golden });
    const database = await open();
    const opened = await openLibrary(database, folder, overrides);
    await opened.library.start();
    const openAgain = (more: Parameters<typeof openLibrary>[2] = {}) =>
      openLibrary(database, folder, { root: opened.root, ...more });
    return { ...opened, folder, openAgain, firstId: opened.library.status()?.generation ?? 0 };
  }

  async function refused(change: Promise<unknown>): Promise<AppError & { shown: RehearsalReport }> {
    const error = await change.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: "knowledge.rehearsal_failed" });
    return error as AppError & { shown: RehearsalReport };
  }

  describe("a reload", () => {
    it("asks the golden questions of both generations and goes live where none got worse", async () => {
      const { library, folder, firstId } = await start();
      await write(
        folder,
        "guides/heat.md",
        guideText("heat", "高温津贴", "三十五度以上发放津贴，每天二十元。"),
      );
      const stages: string[] = [];
      const report = await library.reload({
        by: "laowang",
        onProgress: ({ stage, done, total }) => stages.push(`${stage} ${done}/${total}`),
      });
      expect(report.rehearsal).toMatchObject({
        golden: { asked: 4, metBefore: 4, metAfter: 4 },
        real: { asked: 0 },
        worse: 0,
        changed: 1,
        blocking: 0,
        answers: [{ id: "heat-1", verdict: "changed", blocks: false }],
      });
      expect(stages).toEqual(expect.arrayContaining(["rehearsing 0/4", "rehearsing 4/4"]));
      const [event] = await library.history(5);
      expect(event).toMatchObject({
        event: "passed",
        generation: report.generation,
        against: firstId,
        by: "laowang",
      });
    });

    it("that makes a golden answer worse changes nothing, says which, and is recorded", async () => {
      const { library, folder, firstId, titles, generationsOnDisk } = await start();
      await write(folder, "guides/heat.md", otherHeat);
      const error = await refused(library.reload({ by: "laowang" }));
      expect(error.message).toMatch(/第 \d+ 版没有启用：试答时有 1 个问题答得不如原来。原来的资料继续使用/u);
      expect(error.shown).toMatchObject({ blocking: 1, worse: 1, golden: { metBefore: 4, metAfter: 3 } });
      expect(error.shown.answers[0]).toMatchObject({
        kind: "golden",
        id: "heat-1",
        question: "高温津贴怎么办",
        verdict: "worse",
        blocks: true,
        before: { state: "grounded", met: true, source: expect.stringContaining("高温津贴") },
        after: { met: false },
      });
      expect(library.status()?.generation).toBe(firstId);
      const [hit] = await library.pin().search({ text: "高温津贴", limit: 1 });
      expect(hit?.chunk.text).toContain("三十五度");
      expect(await titles("高温津贴")).toContain("高温津贴");
      expect(await generationsOnDisk()).toEqual([firstId]);
      const [event] = await library.history(1);
      expect(event).toMatchObject({
        event: "refused",
        against: firstId,
        by: "laowang",
        report: { blocking: 1 },
      });
    });

    it("goes live all the same with a reason, and both are kept on record", async () => {
      const { library, folder } = await start();
      await write(folder, "guides/heat.md", otherHeat);
      await refused(library.reload());
      const report = await library.reload({ accept: "新办法改了温度", by: "laowang" });
      expect(report).toMatchObject({ changed: ["高温津贴"], rehearsal: { blocking: 1 } });
      const [hit] = await library.pin().search({ text: "高温津贴", limit: 1 });
      expect(hit?.chunk.text).toContain("四十度");
      const events = await library.history(5, report.generation);
      expect(events).toMatchObject([
        {
          event: "accepted",
          reason: "新办法改了温度",
          by: "laowang",
          report: { answers: [{ id: "heat-1" }] },
        },
      ]);
      // From now on this is what later ones are compared with.
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      expect((await library.reload()).rehearsal).toMatchObject({
        blocking: 0,
        golden: { metBefore: 3, metAfter: 3 },
      });
    });

    it("is told what got better, too", async () => {
      const { library, folder } = await start();
      await write(
        folder,
        "golden/new.jsonl",
        `${JSON.stringify({ id: "meal-1", question: "食堂补贴怎么办", expect: "八元" })}\n`,
      );
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      const { rehearsal } = await library.reload();
      expect(rehearsal).toMatchObject({ better: 1, golden: { asked: 5, metBefore: 4, metAfter: 5 } });
      expect(rehearsal?.answers).toMatchObject([{ id: "meal-1", verdict: "better" }]);
    });

    it("is refused by real questions that lose their answer; their words are shown and never stored", async () => {
      const { library, folder, firstId } = await start({
        rehearser: onTheMatter(["带薪年休假怎么办", "今天天气怎么样"]),
      });
      await rm(join(folder, "golden"), { recursive: true });
      await rm(join(folder, "guides/annual-leave.md"));
      const { shown } = await refused(library.reload());
      expect(shown).toMatchObject({ real: { asked: 2, lost: 1 }, blocking: 1 });
      expect(shown.answers[0]).toMatchObject({ kind: "real", question: "带薪年休假怎么办", blocks: true });
      expect(JSON.stringify(await library.history(5, firstId + 1))).not.toContain("带薪年休假怎么办");
      expect(library.status()?.generation).toBe(firstId);
    });

    it("may lose one real answer of very many", async () => {
      const many = Array.from({ length: 60 }, (_, i) => `高温津贴怎么办${"？".repeat(i)}`);
      const { library, folder } = await start({
        rehearser: onTheMatter(["带薪年休假怎么办", ...many]),
      });
      await rm(join(folder, "golden"), { recursive: true });
      await rm(join(folder, "guides/annual-leave.md"));
      expect((await library.reload()).rehearsal).toMatchObject({
        real: { asked: 61, lost: 1 },
        worse: 1,
        blocking: 0,
      });
    });

    it("is refused where the time did not suffice, unless that is accepted", async () => {
      const { library, folder } = await start({ rehearsalDeadline: 0 });
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      const error = await refused(library.reload());
      expect(error.shown).toMatchObject({ unasked: 4, blocking: 0 });
      expect(error.message).toContain("还有 4 个问题没来得及试");
      expect(await library.reload({ accept: "机器太慢" })).toMatchObject({ added: ["食堂补贴"] });
    });

    it("that is told to stop while it rehearses leaves the former generation serving", async () => {
      const { library, folder, firstId } = await start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      const stop = new AbortController();
      const reload = library.reload({
        signal: stop.signal,
        onProgress: ({ stage }) => stage === "rehearsing" && stop.abort(new Error("stopped")),
      });
      await expect(reload).rejects.toThrow("stopped");
      expect(library.status()?.generation).toBe(firstId);
      expect(await library.reload()).toMatchObject({ added: ["食堂补贴"] });
    });

    it("names the line of a golden file that cannot be read, and changes nothing", async () => {
      const { library, folder, firstId } = await start();
      await write(folder, "golden/bad.jsonl", '{"id":"a","question":"问","expect":"("}\n');
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      await expect(library.reload()).rejects.toThrow("标准题 bad.jsonl 第 1 行的 expect 不是正则表达式");
      expect(library.status()?.generation).toBe(firstId);
    });

    it("does not take a failing search for an answer", async () => {
      const { library, folder, openAgain, firstId } = await start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      let away = false;
      const embedder: Embedder = {
        version: tools.embedder.version,
        embedQuery: (text) =>
          away ? Promise.reject(new Error("endpoint away")) : tools.embedder.embedQuery(text),
        embedDocuments: (texts) => tools.embedder.embedDocuments(texts),
      };
      const later = await openAgain({ embedder });
      await later.library.start();
      const reload = later.library.reload({
        onProgress: ({ stage }) => {
          away ||= stage === "rehearsing";
        },
      });
      await expect(reload).rejects.toThrow("endpoint away");
      expect(later.library.status()?.generation).toBe(firstId);
      expect(library.status()?.generation).toBe(firstId);
    });

    it("asks the generation that serves once, and what is tried again with a reason not at all", async () => {
      const asked: string[] = [];
      const real = createRehearser(async () => []);
      const { library, folder } = await start({
        rehearser: {
          ...real,
          over: (knowledge) => {
            const ask = real.over(knowledge);
            return (question, signal) => {
              asked.push(question);
              return ask(question, signal);
            };
          },
        },
      });
      const questionsOf = async (change: Promise<unknown>) => {
        asked.length = 0;
        await change.catch(() => {});
        return asked.length;
      };
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      expect(await questionsOf(library.reload())).toBe(8);
      await write(folder, "guides/heat.md", otherHeat);
      expect(await questionsOf(library.reload())).toBe(4);
      expect(await questionsOf(library.reload({ accept: "新办法" }))).toBe(0);
      const hotlines = join(folder, "local/chongqing/hotlines.yaml");
      const text = await readFile(hotlines, "utf8");
      await write(
        folder,
        "local/chongqing/hotlines.yaml",
        text.replace(/purpose: (\S+)/u, "purpose: 新的$1"),
      );
      expect(await questionsOf(library.reload())).toBe(4);
    });

    it("lets everything else in the process have its turn between two questions", async () => {
      const { library, folder } = await start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      let turns = 0;
      let watching = false;
      const tick = () => {
        if (watching) turns++;
        pending = setImmediate(tick);
      };
      let pending = setImmediate(tick);
      await library.reload({
        onProgress: ({ stage, done }) => {
          watching = stage === "rehearsing" && done < 4;
        },
      });
      clearImmediate(pending);
      expect(turns).toBeGreaterThanOrEqual(4);
    });
  });

  describe("a rollback", () => {
    it("needs nothing to be read: the former generation is loaded", async () => {
      const { folder, firstId, openAgain, store } = await start();
      let locked = false;
      const reads = ["loadGeneration", "loadVectors"] as const;
      const later = await openAgain({
        store: withMethods(
          store,
          Object.fromEntries(
            reads.map((name) => [
              name,
              (...given: never[]) =>
                locked
                  ? Promise.reject(new Error(`${name} was called`))
                  : (store[name] as (...all: never[]) => unknown).apply(store, given),
            ]),
          ),
        ),
      });
      await later.library.start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      await later.library.reload();
      locked = true;
      const back = await later.library.rollBack({ by: "laowang" });
      expect(back).toMatchObject({ id: firstId, milliseconds: expect.any(Number) });
      expect(await later.titles("食堂补贴")).not.toContain("食堂补贴");
    });

    it("is not undone by a reload of the same documents, unless with a reason", async () => {
      const { library, folder, firstId } = await start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      const second = await library.reload();
      await library.rollBack();
      await expect(library.reload()).rejects.toMatchObject({
        code: "knowledge.rehearsal_failed",
        message: expect.stringContaining(`资料和撤下的第 ${second.generation} 版一样`),
      });
      expect(library.status()?.generation).toBe(firstId);
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴九元。"));
      expect(await library.reload()).toMatchObject({ added: ["食堂补贴"] });
    });

    it("is undone with a reason, and by a second rollback", async () => {
      const { library, folder } = await start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      const second = await library.reload();
      await library.rollBack();
      await library.rollBack();
      expect(library.status()?.generation).toBe(second.generation);
      expect(await library.reload()).toMatchObject({ added: [], unchanged: 7 });
      await library.rollBack();
      expect(await library.reload({ accept: "已经核对过" })).toMatchObject({ added: ["食堂补贴"] });
    });
  });

  describe("what must go live", () => {
    it("a removal is rehearsed and told, and never held up", async () => {
      const { library, folder } = await start();
      const file = await write(
        await temporaryFolder(),
        "食堂补贴办法.md",
        "# 食堂补贴办法\n\n职工食堂每餐补贴八元。\n",
      );
      await library.add([file]);
      await write(
        folder,
        "golden/meal.jsonl",
        `${JSON.stringify({ id: "meal-1", question: "职工食堂每餐补贴多少", expect: "八元" })}\n`,
      );
      const { id = "" } = (await library.list()).find(({ origin }) => origin === "added") ?? {};
      const report = await library.remove(id, { by: "laowang" });
      expect(report).toMatchObject({
        removed: ["食堂补贴办法"],
        rehearsal: { golden: { asked: 5, metBefore: 5, metAfter: 4 }, worse: 1 },
      });
      expect((await library.history(1))[0]).toMatchObject({ event: "measured", by: "laowang" });
    });

    it("another embedder is measured at the start, beside what was measured before", async () => {
      const { library, folder, openAgain, firstId } = await start();
      await write(folder, "guides/new.md", guideText("new", "食堂补贴", "食堂每餐补贴八元。"));
      await library.reload();
      const other: Embedder = {
        version: "other-1",
        embedQuery: (text) => tools.embedder.embedQuery(text),
        embedDocuments: (texts) => tools.embedder.embedDocuments(texts),
      };
      const later = await openAgain({ embedder: other });
      await later.library.start();
      const [event, before] = await later.library.history(5);
      expect(event).toMatchObject({
        event: "measured",
        against: before?.generation,
        report: { golden: { asked: 4, metBefore: 4, metAfter: 4 } },
      });
      expect(before?.generation).toBeGreaterThan(firstId);
    });

    it("is not held up by golden questions that cannot be read", async () => {
      const { folder, openAgain } = await start();
      await write(folder, "golden/bad.jsonl", "not json\n");
      const other: Embedder = {
        version: "other-2",
        embedQuery: (text) => tools.embedder.embedQuery(text),
        embedDocuments: (texts) => tools.embedder.embedDocuments(texts),
      };
      const later = await openAgain({ embedder: other });
      await later.library.start();
      const [event] = await later.library.history(1);
      expect(event).toMatchObject({ event: "measured", reason: "标准题 bad.jsonl 第 1 行不是 JSON" });
    });
  });
});

/**
 * The product's own answering; grounded counts only what is cited from a guide on the question's matter. In a library
 * of one guide that guide is near to everything, so that what is known cannot be judged.
 */
function onTheMatter(questions: readonly string[]): ReturnType<typeof createRehearser> {
  const real = createRehearser(async () => questions);
  return {
    latestQuestions: () => real.latestQuestions(),
    today: () => real.today(),
    over(knowledge) {
      const ask = real.over(knowledge);
      return async (question, signal) => {
        const answer = await ask(question, signal);
        const matter = /年休假|高温津贴/u.exec(question)?.[0];
        const isOn =
          matter !== undefined && answer.citations.some(({ document }) => document.includes(matter));
        return isOn ? answer : { ...answer, state: "nothing_found", citations: [] };
      };
    },
  };
}
