import { beforeEach, describe, expect, it } from "vitest";
import type { StoredVersion } from "../../../src/knowledge/knowledge-store.ts";
import type { RehearsalReport } from "../../../src/knowledge/rehearsal/rehearsal-report.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlKnowledgeStore } from "../../../src/storage/knowledge-store.ts";
import { forEachDatabase } from "../../support/databases.ts";
import { sampleVersion } from "./sample-version.ts";

forEachDatabase((_name, open) => {
  let database: Database;
  let store: SqlKnowledgeStore;
  let clock: Date;

  beforeEach(async () => {
    database = await open();
    clock = new Date("2026-03-01T08:00:00.000Z");
    store = new SqlKnowledgeStore({ db: database.db, now: () => clock });
  });

  const entry = ({ document }: StoredVersion) => ({
    documentId: document.id,
    contentHash: document.contentHash,
  });

  /** Saves the versions and registers a generation of exactly them. */
  async function prepare(...versions: StoredVersion[]): Promise<number> {
    await store.saveVersions(versions);
    return store.createGeneration("bag-1", versions.map(entry));
  }

  async function serve(...versions: StoredVersion[]): Promise<number> {
    const generation = await prepare(...versions);
    await activate(generation);
    return generation;
  }

  const active = async () => (await store.activeGeneration())?.id;

  const activate = async (generation: number) =>
    store.activateGeneration(generation, await active(), { event: "passed" });

  const rollBack = async () => store.rollBackGeneration((await active()) ?? 0);

  async function listed(): Promise<string[]> {
    const documents = await store.listDocuments();
    return documents.map((document) => `${document.id}@${document.contentHash}`);
  }

  describe("versions", () => {
    it("a saved version comes back whole, to the character", async () => {
      const full = sampleVersion("law", "h1", {
        origin: "added",
        kind: "law",
        topic: "合同",
        text: "第一章\r\n 𠮷野家　\t第一条",
        published: "2007",
        effective: "2008-01-01",
        repealed: "2030-12",
        repealedBy: "新法",
        verified: "2026-02-28",
        sections: [{ ordinal: 0, path: ["第一章"], label: "第一条", page: 3, start: 0, end: 17 }],
        warnings: ["第 2 页没有文字"],
      });
      const version = {
        ...full,
        chunks: full.chunks.map((chunk) => ({ ...chunk, label: "第一条", page: 3 })),
      };
      const generation = await prepare(version, sampleVersion("plain", "h1"));
      expect(await store.loadGeneration(generation)).toEqual([version, sampleVersion("plain", "h1")]);
    });

    it("saving the same version again changes nothing", async () => {
      await serve(sampleVersion("a", "h1"));
      const before = await store.listDocuments();
      clock = new Date("2026-04-01T08:00:00.000Z");
      await store.saveVersions([{ ...sampleVersion("a", "h1", { title: "别的标题" }), fileHash: "other" }]);
      expect(await store.listDocuments()).toEqual(before);
    });

    it("two processes that save the same version at once both succeed", async () => {
      const version = sampleVersion("a", "h1");
      await Promise.all([store.saveVersions([version]), store.saveVersions([version])]);
      const generation = await store.createGeneration("bag-1", [entry(version)]);
      expect(await store.loadGeneration(generation)).toEqual([version]);
    });

    it("versions saved together come back whole, one of them twice in the list and one stored before", async () => {
      const [a, b, c] = [sampleVersion("a", "h1"), sampleVersion("b", "h1"), sampleVersion("a", "h2")];
      await store.saveVersions([b]);
      await store.saveVersions([c, a, { ...b, fileHash: "other" }, a]);
      const generation = await store.createGeneration("bag-1", [entry(a), entry(b)]);
      expect(await store.loadGeneration(generation)).toEqual([a, b]);
      const later = await store.createGeneration("bag-1", [entry(c)]);
      expect(await store.loadGeneration(later)).toEqual([c]);
    });

    it("a failing version leaves those stored that fitted no statement with it", async () => {
      const long = sampleVersion("a", "h1", {
        text: Array.from({ length: 300 }, (_, i) => `${i}`).join("\n"),
      });
      const broken = { ...sampleVersion("b", "h1"), chunks: [...long.chunks.slice(0, 1)] };
      await expect(store.saveVersions([long, broken])).rejects.toThrow();
      const generation = await store.createGeneration("bag-1", [entry(long)]);
      expect(await store.loadGeneration(generation)).toEqual([long]);
    });

    it("a failing chunk leaves nothing of its version", async () => {
      const version = sampleVersion("a", "h1");
      const twice = { ...version, chunks: [...version.chunks, ...version.chunks] };
      await expect(store.saveVersions([twice])).rejects.toThrow();
      await expect(store.createGeneration("bag-1", [entry(version)])).rejects.toMatchObject({
        code: "knowledge.document_unknown",
      });
    });

    it("saves and loads a document of more chunks than one statement takes, in order", async () => {
      const text = Array.from({ length: 1_001 }, (_, index) => `第${index}条`).join("\n");
      const version = sampleVersion("long", "h1", { text });
      const generation = await prepare(version);
      const [loaded] = await store.loadGeneration(generation);
      expect(loaded?.chunks).toEqual(version.chunks);
    });

    it("saving many versions lets the rest of the process run in between", async () => {
      let turns = 0;
      const tick = () => {
        turns++;
        pending = setImmediate(tick);
      };
      let pending = setImmediate(tick);
      for (let number = 0; number < 30; number++) {
        await store.saveVersions([sampleVersion(`d${number}`, "h1")]);
      }
      clearImmediate(pending);
      expect(turns).toBeGreaterThanOrEqual(29);
    });

    it("characters that PostgreSQL cannot store are replaced one for one", async () => {
      const generation = await prepare(
        sampleVersion("a", "h1", { text: "甲\u0000乙\ud800丙", title: "题\u0000" }),
      );
      const [loaded] = await store.loadGeneration(generation);
      expect(loaded?.document.text).toBe("甲\uFFFD乙\uFFFD丙");
      expect(loaded?.chunks[0]).toMatchObject({ text: "甲\uFFFD乙\uFFFD丙", path: ["题\uFFFD"] });
    });
  });

  describe("generations", () => {
    it("nothing is listed or live before a generation is active", async () => {
      await prepare(sampleVersion("a", "h1"));
      expect(await listed()).toEqual([]);
      expect(await store.liveDocuments(["a"])).toEqual(new Set());
      expect(await store.activeGeneration()).toBeUndefined();
      expect(await store.listGenerations()).toMatchObject([{ standing: "kept" }]);
    });

    it("the active generation says what it holds", async () => {
      const id = await serve(sampleVersion("a", "h1"), sampleVersion("b", "h1"));
      expect(await store.activeGeneration()).toEqual({
        id,
        embedder: "bag-1",
        documents: 2,
        chunks: 4,
        createdAt: "2026-03-01T08:00:00.000Z",
      });
      expect(await store.manifest(id)).toEqual([
        { documentId: "a", contentHash: "h1" },
        { documentId: "b", contentHash: "h1" },
      ]);
    });

    it("an empty generation can serve", async () => {
      await serve(sampleVersion("a", "h1"));
      await serve();
      expect(await listed()).toEqual([]);
      expect(await store.activeGeneration()).toMatchObject({ documents: 0, chunks: 0 });
    });

    it("a summary carries what the version was saved with, and when", async () => {
      await serve(sampleVersion("a", "h1", { topic: "入会" }));
      const {
        text: _text,
        sections: _sections,
        questions: _questions,
        ...summary
      } = sampleVersion("a", "h1", { topic: "入会" }).document;
      expect(await store.listDocuments()).toEqual([
        { ...summary, chunks: 2, fileHash: "file-h1", updatedAt: "2026-03-01T08:00:00.000Z" },
      ]);
    });

    it("a version saved or registered but not activated is neither listed nor live", async () => {
      await serve(sampleVersion("a", "h1"));
      await prepare(sampleVersion("a", "h2"), sampleVersion("b", "h1"));
      expect(await listed()).toEqual(["a@h1"]);
      expect(await store.liveDocuments(["a", "b"])).toEqual(new Set(["a"]));
    });

    it("activating makes the manifest's versions current and drops what it does not name", async () => {
      await serve(sampleVersion("a", "h1"), sampleVersion("gone", "h1"));
      await serve(sampleVersion("a", "h2"), sampleVersion("b", "h1"));
      expect(await listed()).toEqual(["a@h2", "b@h1"]);
      expect(await store.liveDocuments(["a", "b", "gone"])).toEqual(new Set(["a", "b"]));
    });

    it("a manifest with a version that was never saved is refused and leaves no generation", async () => {
      await store.saveVersions([sampleVersion("a", "h1")]);
      const manifest = [
        { documentId: "a", contentHash: "h1" },
        { documentId: "a2", contentHash: "h1" },
      ];
      await expect(store.createGeneration("bag-1", manifest)).rejects.toMatchObject({
        code: "knowledge.document_unknown",
      });
      expect(await database.db.selectFrom("generations").selectAll().execute()).toEqual([]);
    });

    it("activating an unknown generation is refused and the old one goes on serving", async () => {
      const id = await serve(sampleVersion("a", "h1"));
      await expect(activate(id + 1_000)).rejects.toMatchObject({
        code: "knowledge.reload_failed",
      });
      expect(await store.activeGeneration()).toMatchObject({ id });
    });

    it("activating the active generation again keeps the former one for rollback", async () => {
      const first = await serve(sampleVersion("a", "h1"));
      const second = await serve(sampleVersion("a", "h2"));
      await activate(second);
      expect(await rollBack()).toMatchObject({ id: first });
    });

    it("rollback goes back, and a second one forward again", async () => {
      const first = await serve(sampleVersion("a", "h1"), sampleVersion("old", "h1"));
      const second = await serve(sampleVersion("a", "h2"));
      expect(await rollBack()).toMatchObject({ id: first });
      expect(await listed()).toEqual(["a@h1", "old@h1"]);
      expect(await rollBack()).toMatchObject({ id: second });
      expect(await listed()).toEqual(["a@h2"]);
    });

    it("is activated only in place of the one that its maker saw, whatever comes in between", async () => {
      const first = await serve(sampleVersion("a", "h1"));
      const second = await prepare(sampleVersion("a", "h2"));
      const third = await prepare(sampleVersion("a", "h3"));
      const ended = await Promise.allSettled(
        [second, third].map((id) => store.activateGeneration(id, first, { event: "passed" })),
      );
      const won = ended[0]?.status === "fulfilled" ? second : third;
      expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(ended.find(({ status }) => status === "rejected")).toMatchObject({
        reason: { code: "knowledge.reload_running", details: { overtaken: true } },
      });
      expect(await active()).toBe(won);
      expect((await store.history(10)).map(({ generation }) => generation)).toEqual([won, first]);
      await expect(
        store.activateGeneration(won === second ? third : second, undefined, { event: "first" }),
      ).rejects.toMatchObject({ code: "knowledge.reload_running" });
    });

    it("of two replicas that make the first one, one succeeds", async () => {
      const [one, two] = [await prepare(sampleVersion("a", "h1")), await prepare(sampleVersion("a", "h2"))];
      const ended = await Promise.allSettled(
        [one, two].map((id) => store.activateGeneration(id, undefined, { event: "first" })),
      );
      expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    });

    it("two rollbacks at once are one, and not a way back and forth", async () => {
      const first = await serve(sampleVersion("a", "h1"));
      const second = await serve(sampleVersion("a", "h2"));
      const ended = await Promise.allSettled([1, 2].map(() => store.rollBackGeneration(second, "laowang")));
      expect(ended.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(await active()).toBe(first);
      const [event] = await store.history(1);
      expect(event).toEqual({
        event: "rolled_back",
        generation: first,
        against: second,
        by: "laowang",
        at: "2026-03-01T08:00:00.000Z",
      });
    });

    it("are listed with their standing, newest first", async () => {
      const first = await serve(sampleVersion("a", "h1"));
      const second = await serve(sampleVersion("a", "h2"));
      const third = await prepare(sampleVersion("a", "h3"));
      expect((await store.listGenerations()).map(({ id, standing }) => [id, standing])).toEqual([
        [third, "kept"],
        [second, "active"],
        [first, "former"],
      ]);
    });

    it("there is nothing to roll back to after the first generation", async () => {
      const id = await serve(sampleVersion("a", "h1"));
      expect(await rollBack()).toBeUndefined();
      expect(await store.activeGeneration()).toMatchObject({ id });
    });
  });

  describe("withdrawal", () => {
    it("a withdrawn document stops answering at once and is no longer listed", async () => {
      await serve(sampleVersion("a", "h1"), sampleVersion("b", "h1"));
      expect(await store.withdraw(["a"])).toBe(1);
      expect(await store.liveDocuments(["a", "b"])).toEqual(new Set(["b"]));
      expect(await listed()).toEqual(["b@h1"]);
    });

    it("counts only documents that were live", async () => {
      await serve(sampleVersion("a", "h1"), sampleVersion("b", "h1"));
      await store.saveVersions([sampleVersion("waiting", "h1")]);
      await store.withdraw(["b"]);
      expect(await store.withdraw(["a", "b", "waiting", "unknown"])).toBe(1);
      expect(await store.withdraw([])).toBe(0);
    });

    it("rollback does not revive a withdrawn document, in either direction", async () => {
      await serve(sampleVersion("a", "h1"));
      await serve(sampleVersion("a", "h2"));
      await store.withdraw(["a"]);
      await rollBack();
      expect(await listed()).toEqual([]);
      await rollBack();
      expect(await store.liveDocuments(["a"])).toEqual(new Set());
    });

    it("a reload that began before the withdrawal does not revive the document", async () => {
      await serve(sampleVersion("a", "h1"));
      await store.saveVersions([sampleVersion("a", "h2")]);
      await store.withdraw(["a"]);
      const late = await store.createGeneration("bag-1", [{ documentId: "a", contentHash: "h2" }]);
      await activate(late);
      expect(await listed()).toEqual([]);
    });

    it("a document withdrawn before its first activation does not go live", async () => {
      const generation = await prepare(sampleVersion("a", "h1"));
      await store.withdraw(["a"]);
      await activate(generation);
      expect(await store.liveDocuments(["a"])).toEqual(new Set());
    });

    it("saving the document again alone does not revive it; a generation registered afterwards does", async () => {
      await serve(sampleVersion("a", "h1"));
      const older = await prepare(sampleVersion("a", "h1"));
      await store.withdraw(["a"]);
      await store.saveVersions([sampleVersion("a", "h1")]);
      expect(await listed()).toEqual([]);
      await activate(older);
      expect(await listed()).toEqual([]);
      await serve(sampleVersion("a", "h1"));
      expect(await listed()).toEqual(["a@h1"]);
      await rollBack();
      expect(await store.liveDocuments(["a"])).toEqual(new Set());
    });

    it("a document added again and withdrawn again stays out of the generation that revived it", async () => {
      await serve(sampleVersion("a", "h1"));
      await store.withdraw(["a"]);
      await serve(sampleVersion("a", "h1"));
      expect(await store.withdraw(["a"])).toBe(1);
      await store.saveVersions([sampleVersion("a", "h1")]);
      expect(await listed()).toEqual([]);
    });
  });

  describe("pruning", () => {
    it("keeps the newest, the active and the former generation and names the dropped ones", async () => {
      const first = await serve(sampleVersion("a", "h1"));
      const second = await serve(sampleVersion("a", "h2"));
      const third = await prepare(sampleVersion("a", "h3"));
      const fourth = await prepare(sampleVersion("a", "h4"));
      expect(await store.pruneGenerations(1)).toEqual([third]);
      expect(await store.manifest(third)).toEqual([]);
      for (const kept of [first, second, fourth]) {
        expect(await store.manifest(kept)).toHaveLength(1);
      }
      expect(await store.pruneGenerations(1)).toEqual([]);
    });

    it("drops versions and chunks that no generation contains, and no others", async () => {
      await serve(sampleVersion("a", "h1"));
      await serve(sampleVersion("a", "h2"));
      await serve(sampleVersion("a", "h3"));
      await store.saveVersions([sampleVersion("orphan", "h1")]);
      await store.pruneGenerations(1);
      expect(await store.findChunk("a-h1-0")).toBeUndefined();
      expect(await store.findChunk("orphan-h1-0")).toBeUndefined();
      expect(await store.findChunk("a-h2-0")).toBeDefined();
      expect(await listed()).toEqual(["a@h3"]);
    });

    it("a document withdrawn and pruned away stays out until it is added again", async () => {
      await serve(sampleVersion("a", "h1"));
      await store.withdraw(["a"]);
      await serve();
      await serve();
      await store.pruneGenerations(1);
      expect(await store.findChunk("a-h1-0")).toBeUndefined();
      await serve(sampleVersion("a", "h1"));
      expect(await listed()).toEqual(["a@h1"]);
    });

    it("pruning beside registration never leaves a generation without its versions", async () => {
      await serve(sampleVersion("keep", "h1"));
      for (let round = 0; round < 5; round++) {
        const version = sampleVersion("a", `h${round}`);
        await store.saveVersions([version]);
        const [registered] = await Promise.allSettled([
          store.createGeneration("bag-1", [entry(version)]),
          store.pruneGenerations(3),
        ]);
        if (registered.status === "fulfilled") {
          expect(await store.loadGeneration(registered.value)).toEqual([version]);
        } else {
          expect(registered.reason).toMatchObject({ code: "knowledge.document_unknown" });
        }
      }
    });
  });

  describe("citations", () => {
    it("opens a chunk with its document, also of a version that no longer serves", async () => {
      await serve(sampleVersion("a", "h1"));
      await serve(sampleVersion("a", "h2"));
      const version = sampleVersion("a", "h1");
      expect(await store.findChunk("a-h1-1")).toEqual({
        chunk: version.chunks[1],
        document: version.document,
      });
    });

    it("an unknown or unstorable chunk id finds nothing", async () => {
      expect(await store.findChunk("none")).toBeUndefined();
      expect(await store.findChunk("a\u0000'; drop table chunks; --")).toBeUndefined();
    });
  });

  describe("history", () => {
    const report: RehearsalReport = {
      golden: { asked: 3, metBefore: 3, metAfter: 2 },
      real: { asked: 1, lost: 0 },
      better: 0,
      worse: 1,
      changed: 0,
      blocking: 1,
      unasked: 0,
      answers: [
        {
          kind: "golden",
          id: "wage-1",
          question: "没签合同怎么办\u0000",
          verdict: "worse",
          blocks: true,
          before: { state: "grounded", source: "二倍工资", met: true },
          after: { state: "nothing_found", met: false },
        },
      ],
      milliseconds: 12,
    };

    it("tells what became of generations, also of such as were cleared away, with reports in full for one", async () => {
      const first = await serve(sampleVersion("a", "h1"));
      const refused = await prepare(sampleVersion("a", "h2"));
      await store.recordEvent(refused, { event: "refused", against: first, by: "laowang", report });
      for (const hash of ["h3", "h4", "h5", "h6"]) await serve(sampleVersion("a", hash));
      await store.pruneGenerations(1);
      const events = await store.history(10);
      expect(events.map(({ event }) => event)).toEqual([
        ...Array.from({ length: 4 }, () => "passed"),
        "refused",
        "passed",
      ]);
      expect(events[4]).toMatchObject({ generation: refused, against: first, report: { answers: [] } });
      expect(events[5]).not.toHaveProperty("report");
      const [full] = await store.history(10, refused);
      expect(full?.report).toEqual({
        ...report,
        answers: [{ ...report.answers[0], question: "没签合同怎么办\uFFFD" }],
      });
      expect(await store.history(2)).toHaveLength(2);
    });
  });

  describe("vectors", () => {
    it("come back bit for bit, by embedder, and only those asked for", async () => {
      const vector = Float32Array.from([0, -0, 1 / 3, -1e-38, 3.4e38]);
      await store.saveVectors(
        "bag-1",
        new Map([
          ["h1", vector],
          ["h2", Float32Array.of(1)],
        ]),
      );
      await store.saveVectors("bag-2", new Map([["h1", Float32Array.of(2)]]));
      expect(await store.loadVectors("bag-1", ["h1", "h1", "unknown"])).toEqual(new Map([["h1", vector]]));
      expect(await store.loadVectors("bag-2", ["h1", "h2"])).toEqual(new Map([["h1", Float32Array.of(2)]]));
      expect(await store.loadVectors("bag-3", ["h1"])).toEqual(new Map());
    });

    it("a vector that is stored stays as it is", async () => {
      await store.saveVectors("bag-1", new Map([["h1", Float32Array.of(1)]]));
      await store.saveVectors("bag-1", new Map([["h1", Float32Array.of(9)]]));
      expect(await store.loadVectors("bag-1", ["h1"])).toEqual(new Map([["h1", Float32Array.of(1)]]));
    });

    it("saves and loads more than one batch", async () => {
      const vectors = new Map(
        Array.from({ length: 1_205 }, (_, index) => [`h${index}`, Float32Array.of(index)] as const),
      );
      await store.saveVectors("bag-1", vectors);
      expect(await store.loadVectors("bag-1", [...vectors.keys()])).toEqual(vectors);
    });

    it("are little-endian in the database, whatever machine wrote them", async () => {
      await store.saveVectors("bag-1", new Map([["h1", Float32Array.of(1)]]));
      const row = await database.db.selectFrom("embeddings").select("vector").executeTakeFirstOrThrow();
      expect([...row.vector]).toEqual([0, 0, 0x80, 0x3f]);
    });
  });
});
