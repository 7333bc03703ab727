import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Embedder } from "../../../src/knowledge/embedding/embedder.ts";
import { describeOnPglite } from "../../support/databases.ts";
import {
  guideText,
  makeKnowledge,
  sampleGuides,
  temporaryFolder,
  write,
} from "../../support/knowledge-folder.ts";
import { openLibrary, titlesOf, unreachable, withMethods } from "../../support/knowledge-library.ts";
import { tools } from "../../support/knowledge-tools.ts";

const ofSamples = ["带薪年休假", "没签合同的二倍工资", "高温津贴"];
const added = "# 食堂补贴办法\n\n职工食堂每餐补贴八元。\n";

describeOnPglite((open) => {
  describe("the knowledge library", () => {
    async function start(guides = sampleGuides) {
      const folder = await makeKnowledge(guides);
      const database = await open();
      const opened = await openLibrary(database, folder);
      const first = await opened.library.start();
      /** As another process on the same data folder, after this one ended. */
      const openAgain = (overrides: Parameters<typeof openLibrary>[2] = {}) =>
        openLibrary(database, folder, { root: opened.root, ...overrides });
      return { ...opened, folder, first, openAgain };
    }

    it("makes its first generation from the folder, and opens it again without another", async () => {
      const { library, first, titles, openAgain } = await start();
      expect(first).toMatchObject({ added: expect.arrayContaining(ofSamples), refused: [], documents: 6 });
      expect(library.status()).toMatchObject({ generation: first?.generation, chunks: first?.chunks });
      expect(library.local().federation.name).toBe("重庆市总工会");
      expect((await titles("没签合同双倍工资"))[0]).toBe("没签合同的二倍工资");
      expect(await titles("12351是什么电话")).toContain("重庆市总工会：服务和求助电话");

      const later = await openAgain();
      expect(await later.library.start()).toBeUndefined();
      expect(later.library.status()?.generation).toBe(first?.generation);
      expect(await later.titles("高温津贴")).toContain("高温津贴");
    });

    it("is unavailable before it is started", async () => {
      const { library } = await openLibrary(await open(), await makeKnowledge({}));
      for (const use of [() => library.pin(), () => library.local()])
        expect(use).toThrow(expect.objectContaining({ code: "knowledge.library_unavailable" }));
      expect(library.status()).toBeUndefined();
    });

    it("makes no generation and reads no file again where nothing changed", async () => {
      const { library, first } = await start();
      const stages: string[] = [];
      const report = await library.reload({ onProgress: ({ stage }) => stages.push(stage) });
      expect(report).toMatchObject({ added: [], changed: [], removed: [], unchanged: 6 });
      expect(report.generation).toBe(first?.generation);
      expect(stages).toEqual([]);
    });

    it("answers with a guide's new text, without a deleted one, and with a moved one", async () => {
      const { library, folder, titles } = await start();
      await write(folder, "guides/heat.md", guideText("heat", "高温津贴", "四十度以上必须停工。"));
      await rm(join(folder, "guides/annual-leave.md"));
      await rm(join(folder, "guides/double-wage.md"));
      await write(folder, "moved/wage.md", sampleGuides["guides/double-wage.md"] as string);
      const report = await library.reload();
      expect(report).toMatchObject({ added: [], removed: ["带薪年休假"], unchanged: 3 });
      expect(report.changed.toSorted()).toEqual(["没签合同的二倍工资", "高温津贴"]);
      const [hit] = await library.pin().search({ text: "高温津贴", limit: 1 });
      expect(hit?.chunk.text).toContain("四十度");
      expect(await titles("带薪年休假")).not.toContain("带薪年休假");
      const listed = await library.list();
      expect(listed.find(({ id }) => id === "double-wage")?.path).toBe("moved/wage.md");
      expect(await library.reload()).toMatchObject({ changed: [], unchanged: 5 });
    });

    it("keeps the version that serves of a file that breaks, and names the fault", async () => {
      const { library, folder, titles } = await start();
      await write(folder, "guides/heat.md", "---\nid: heat\n---\n坏");
      const report = await library.reload();
      expect(report.refused).toEqual([{ path: "guides/heat.md", reason: expect.stringContaining("title") }]);
      expect(report).toMatchObject({ changed: [], removed: [] });
      expect((await titles("高温津贴"))[0]).toBe("高温津贴");
    });

    it("does not let a second change in, and tells it", async () => {
      const { library, folder } = await start();
      await write(folder, "guides/new.md", guideText("new", "新的", "新正文。"));
      const [first, second, back] = await Promise.allSettled([
        library.reload(),
        library.reload(),
        library.rollBack(),
      ]);
      expect(first).toMatchObject({ status: "fulfilled", value: { added: ["新的"] } });
      for (const told of [second, back])
        expect(told).toMatchObject({ status: "rejected", reason: { code: "knowledge.reload_running" } });
      await expect(library.reload()).resolves.toMatchObject({ unchanged: 7 });
    });

    it("goes on with the former generation where the new one cannot be built", async () => {
      const { folder, first, openAgain } = await start();
      const broken = await openAgain(unreachable);
      await broken.library.start();
      await write(folder, "guides/heat.md", guideText("heat", "高温津贴", "四十度以上必须停工。"));
      await expect(broken.library.reload()).rejects.toMatchObject({
        code: "knowledge.reload_failed",
        message: expect.stringContaining("原来的资料继续使用"),
      });
      expect(broken.library.status()?.generation).toBe(first?.generation);
      const [hit] = await broken.library.pin().search({ text: "高温津贴", limit: 1 });
      expect(hit?.chunk.text).toContain("三十五度");

      const healed = await openAgain();
      await healed.library.start();
      expect(healed.library.status()?.generation).toBe(first?.generation);
      expect(await healed.library.reload()).toMatchObject({ changed: ["高温津贴"] });
    });

    it("goes on with the former generation when it is told to stop, at every stage", async () => {
      const { library, folder, first } = await start();
      for (const at of ["reading", "storing", "words", "embedding", "rehearsing"]) {
        await write(folder, "guides/new.md", guideText("new", "新的", `新正文，停在${at}。`));
        const stop = new AbortController();
        const reload = library.reload({
          signal: stop.signal,
          onProgress: ({ stage }) => stage === at && stop.abort(new Error(`stopped at ${at}`)),
        });
        await expect(reload).rejects.toThrow(`stopped at ${at}`);
        expect(library.status()?.generation).toBe(first?.generation);
      }
      expect(await library.reload()).toMatchObject({ added: ["新的"] });
    });

    it("keeps its hotlines and its answers where the local data breaks", async () => {
      const { library, folder, titles } = await start();
      const file = join(folder, "local/chongqing/hotlines.yaml");
      const good = await readFile(file, "utf8");
      await write(folder, "local/chongqing/hotlines.yaml", good.replace("name:", "nam:"));
      await write(folder, "guides/new.md", guideText("new", "新的", "新正文。"));
      await expect(library.reload()).rejects.toThrow("chongqing/hotlines.yaml 有误");
      expect(library.local().hotlines.length).toBeGreaterThan(3);
      expect(await titles("高温津贴")).toContain("高温津贴");
      await write(folder, "local/chongqing/hotlines.yaml", good.replace("职工维权", "职工维权服务"));
      const report = await library.reload();
      expect(report.added).toEqual(["新的"]);
      expect(library.local().hotlines.some(({ name }) => name.includes("职工维权服务"))).toBe(
        good.includes("职工维权"),
      );
    });

    it("rolls back, and forward again", async () => {
      const { library, folder, first, titles } = await start();
      await expect(library.rollBack()).rejects.toMatchObject({ code: "knowledge.nothing_to_roll_back" });
      await rm(join(folder, "guides/heat.md"));
      await write(folder, "guides/new.md", guideText("new", "新的津贴", "新正文。"));
      const second = await library.reload();
      expect(await titles("高温津贴")).toEqual(expect.not.arrayContaining(["高温津贴"]));
      expect(await library.rollBack()).toMatchObject({ id: first?.generation });
      expect((await titles("高温津贴"))[0]).toBe("高温津贴");
      expect(await titles("新的津贴")).not.toContain("新的津贴");
      expect((await library.list()).map(({ id }) => id)).toContain("heat");
      expect(await library.rollBack()).toMatchObject({ id: second.generation });
      expect(await titles("新的津贴")).toContain("新的津贴");
      expect(await titles("高温津贴")).not.toContain("高温津贴");
    });

    it("rolls back in a later process too, also where the former index is gone", async () => {
      const { library, folder, root, first, openAgain } = await start();
      await rm(join(folder, "guides/heat.md"));
      await library.reload();
      await rm(root, { recursive: true });
      const later = await openAgain();
      await later.library.start();
      expect(await later.library.rollBack()).toMatchObject({ id: first?.generation });
      expect((await later.titles("高温津贴"))[0]).toBe("高温津贴");
    });

    it("stays with what serves where the former generation cannot be opened", async () => {
      const { library, folder, store, openAgain } = await start();
      await rm(join(folder, "guides/heat.md"));
      const second = await library.reload();
      const later = await openAgain({
        store: withMethods(store, {
          loadGeneration: (id: number) =>
            id === second.generation ? store.loadGeneration(id) : Promise.reject(new Error("unreadable")),
        }),
      });
      await later.library.start();
      await expect(later.library.rollBack()).rejects.toThrow("unreadable");
      expect((await store.activeGeneration())?.id).toBe(second.generation);
      expect(await later.titles("年休假")).toContain("带薪年休假");
    });

    it("keeps what was added over reloads, and stops answering from it when it is removed", async () => {
      const { library, folder, titles } = await start();
      const file = await write(await temporaryFolder(), "食堂补贴办法.md", added);
      expect(await library.add([file])).toMatchObject({ added: ["食堂补贴办法"], removed: [], unchanged: 6 });
      expect(await library.add([file])).toMatchObject({ added: [], changed: [], unchanged: 7 });
      await write(folder, "guides/new.md", guideText("new", "新的", "新正文。"));
      expect(await library.reload()).toMatchObject({ added: ["新的"], removed: [] });
      expect((await titles("食堂补贴"))[0]).toBe("食堂补贴办法");

      const pinned = library.pin();
      const { id } = (await library.list()).find(({ origin }) => origin === "added") ?? { id: "" };
      expect(await library.remove(id)).toMatchObject({ removed: ["食堂补贴办法"] });
      expect(await titles("食堂补贴")).not.toContain("食堂补贴办法");
      expect(await titlesOf(pinned, "食堂补贴")).not.toContain("食堂补贴办法");
      await library.rollBack();
      expect(await titles("食堂补贴")).not.toContain("食堂补贴办法");
      expect((await library.list()).map(({ origin }) => origin)).not.toContain("added");

      expect(await library.add([file])).toMatchObject({ added: ["食堂补贴办法"] });
      expect((await titles("食堂补贴"))[0]).toBe("食堂补贴办法");
    });

    it("stops answering from a removed document even where the next generation cannot be built", async () => {
      const { library, store, openAgain } = await start();
      const file = await write(await temporaryFolder(), "食堂补贴办法.md", added);
      await library.add([file]);
      const later = await openAgain({
        store: withMethods(store, {
          createGeneration: () => Promise.reject(new Error("disk full")),
        }),
      });
      await later.library.start();
      const { id } = (await store.listDocuments()).find(({ origin }) => origin === "added") ?? { id: "" };
      await expect(later.library.remove(id)).rejects.toThrow("disk full");
      expect(await later.titles("食堂补贴")).not.toContain("食堂补贴办法");
    });

    it("refuses to remove what it does not have and what the folder has, with what to do", async () => {
      const { library } = await start();
      await expect(library.remove("nothing")).rejects.toThrow("没有编号为 nothing 的文件");
      await expect(library.remove("heat")).rejects.toThrow("请删除文件 guides/heat.md");
      await expect(library.remove("local-hotlines")).rejects.toThrow("请修改那里的内容");
      await expect(library.remove("heat")).rejects.toMatchObject({ code: "knowledge.document_unknown" });
    });

    it("lets neither the folder nor an addition take the other's id", async () => {
      const { library, folder, titles } = await start();
      const elsewhere = await temporaryFolder();
      await write(elsewhere, "mine.md", guideText("heat", "我的高温", "另一个说法。"));
      await write(elsewhere, "ok.md", guideText("mine", "我的", "我的说法。"));
      const adding = await library.add([elsewhere]);
      expect(adding.added).toEqual(["我的"]);
      expect(adding.refused).toEqual([
        { path: "mine.md", reason: expect.stringContaining("与 资料文件夹里的 guides/heat.md 重复") },
      ]);
      await write(folder, "guides/mine.md", guideText("mine", "文件夹的", "文件夹的说法。"));
      await write(folder, "guides/hot.md", guideText("local-hotlines", "假热线", "假的号码。"));
      const reload = await library.reload();
      expect(reload.refused.map(({ path }) => path)).toEqual(["guides/hot.md", "guides/mine.md"]);
      expect(await titles("我的说法")).toContain("我的");
    });

    it("adds what it can of several paths and refuses the rest by name", async () => {
      const { library } = await start();
      const elsewhere = await temporaryFolder();
      const good = await write(elsewhere, "a/食堂补贴办法.md", added);
      const same = await write(elsewhere, "b/食堂补贴办法.txt", "食堂补贴办法\n\n每餐补贴九元。");
      const broken = await write(elsewhere, "空.md", "");
      const report = await library.add([join(elsewhere, "none"), good, broken, same]);
      expect(report.added).toEqual(["食堂补贴办法"]);
      expect(report.refused.map(({ path }) => path)).toEqual([
        join(elsewhere, "none"),
        "空.md",
        "食堂补贴办法.txt",
      ]);
      expect(report.refused[2]?.reason).toContain("重复");
    });

    it("stops resting on an added law when the register says that it is repealed", async () => {
      const { library, folder } = await start();
      const law =
        "# 食堂条例\n\n第一条 为了食堂制定。\n\n第二条 每餐补贴八元。\n\n第三条 自公布之日起施行。\n";
      await library.add([await write(await temporaryFolder(), "食堂条例(2001-01-01).md", law)]);
      const now = { text: "食堂补贴八元", limit: 5, asOf: "2026-11-21" };
      expect((await library.pin().search(now))[0]?.document.title).toBe("食堂条例");
      const register = await readFile(join(folder, "laws.yaml"), "utf8");
      const entry = "  - { law: 食堂条例, status: repealed, until: 2020-12-31, by: 新条例 }\n";
      await write(folder, "laws.yaml", `${register.trimEnd()}\n${entry}`);
      const report = await library.reload();
      expect(report.changed).toEqual(["食堂条例"]);
      expect(report.warnings).toEqual([
        { title: "食堂条例", warning: "自 2021-01-01 起不再有效，不作为答复依据：新条例" },
      ]);
      const titles = (await library.pin().search(now)).map(({ document }) => document.title);
      expect(titles).not.toContain("食堂条例");
      expect(await library.reload()).toMatchObject({ changed: [], unchanged: 7 });
    });

    it("is made anew with another embedder, from the documents in the database", async () => {
      const { folder, first, openAgain } = await start();
      await rm(join(folder, "guides"), { recursive: true });
      const other: Embedder = {
        version: "other-1",
        embedQuery: (text) => tools.embedder.embedQuery(text),
        embedDocuments: (texts) => tools.embedder.embedDocuments(texts),
      };
      const later = await openAgain({ embedder: other });
      await later.library.start();
      expect(later.library.status()?.generation).toBeGreaterThan(first?.generation ?? 0);
      expect(await later.titles("高温津贴")).toContain("高温津贴");
    });

    it("opens a citation also of a version that no longer serves", async () => {
      const { library, folder } = await start();
      const [hit] = await library.pin().search({ text: "高温津贴", limit: 1 });
      await rm(join(folder, "guides/heat.md"));
      await library.reload();
      const found = await library.findPassage(hit?.chunk.id ?? "");
      expect(found?.chunk.text).toContain("三十五度");
      expect(found?.siblings).toEqual([]);
      expect(await library.findPassage("unknown")).toBeUndefined();
    });

    it("reports old files that it cannot clear away, and serves the new generation", async () => {
      const { folder, store, openAgain } = await start();
      const later = await openAgain({
        store: withMethods(store, {
          pruneGenerations: () => Promise.reject(new Error("locked")),
        }),
      });
      await later.library.start();
      await write(folder, "guides/new.md", guideText("new", "新的", "新正文。"));
      const report = await later.library.reload();
      expect(report.added).toEqual(["新的"]);
      expect(report.warnings).toEqual([{ title: "旧版资料", warning: expect.stringContaining("locked") }]);
      expect(await later.titles("新的")).toContain("新的");
    });
  });
});
