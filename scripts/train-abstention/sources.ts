import { createHash } from "node:crypto";
import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { plainWords } from "../../src/conversation/signs/plain-words.ts";
import { Reading } from "../../src/conversation/signs/sign.ts";
import { wrongdoingSigns } from "../../src/conversation/signs/wrongdoing.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import { foldOf } from "../train-embedder/folds.ts";

/** What a message is used for: `train` only to train, `tune` also to choose thresholds, `test` only to report. */
export type Use = "train" | "tune" | "test";

export interface Labelled {
  readonly text: string;
  readonly isOurs: boolean;
  readonly source: string;
  readonly use: Use;
}

const here = new URL("./", import.meta.url);
const examplesFile = new URL("../../src/conversation/signs/examples.jsonl", import.meta.url).pathname;

/** Messages with their labels from the project's own files and from the data beside the checkout. */
export async function readLabelled(shared: string, knowledge: string): Promise<Labelled[]> {
  const real = await readRealMessages(shared);
  const seen = new Set([...real.map(({ text }) => text), ...(await readKeptAway(shared))].map(bare));
  const weak = (await readLegalQuestions(shared)).filter(({ text }) => !seen.has(bare(text)));
  return [
    ...(await readTexts("ours.txt", true)),
    ...(await readTexts("elsewhere.txt", false)),
    ...(await readExamples()),
    ...(await readGoldenQuestions(knowledge)),
    ...(await readRated(shared)),
    ...real,
    ...weak,
  ];
}

const bare = (text: string) => text.replace(/[^\p{Letter}\p{Number}]/gu, "").slice(0, 40);

async function readTexts(name: string, isOurs: boolean): Promise<Labelled[]> {
  const lines = (await readFile(new URL(`texts/${name}`, here), "utf8")).split("\n").filter(Boolean);
  return lines.map((text) => ({ text, isOurs, source: name, use: "tune" }));
}

/** Examples of the signs: crises, courtesies and wrongdoing are decided before and belong to neither side. */
async function readExamples(): Promise<Labelled[]> {
  const labelled: Labelled[] = [];
  for await (const { text, course } of readJsonl(examplesFile)) {
    if (typeof text !== "string") continue;
    const isOurs = course === "answer" || course === "hand_over";
    if (!isOurs && (course !== "out_of_scope" || isWrongdoing(text))) continue;
    labelled.push({ text, isOurs, source: "examples.jsonl", use: "tune" });
  }
  return labelled;
}

const isWrongdoing = (text: string) => new Reading(plainWords(text)).reasons(wrongdoingSigns).length > 0;

/** Even lines are trained on, odd ones are only reported on, and so are all blind lists. */
async function readGoldenQuestions(knowledge: string): Promise<Labelled[]> {
  const labelled: Labelled[] = [];
  for (const file of globSync(join(knowledge, "golden/*.jsonl")).sort()) {
    const name = basename(file);
    let line = 0;
    for await (const { question, kind = "fact" } of readJsonl(file)) {
      line++;
      if (typeof question !== "string" || kind === "crisis" || isWrongdoing(question)) continue;
      const isTest = name.startsWith("blind") || line % 2 === 1;
      const source = name.startsWith("blind") ? name : "golden";
      labelled.push({
        text: question,
        isOurs: kind !== "out_of_scope",
        source,
        use: isTest ? "test" : "tune",
      });
    }
  }
  return labelled;
}

/** STARD: the `choose` fold is left to the embedder's variants. */
async function readRated(shared: string): Promise<Labelled[]> {
  const labelled: Labelled[] = [];
  for await (const { id, question, labour } of readJsonl(join(shared, "eval/stard-dev.jsonl"))) {
    if (typeof question !== "string" || (typeof id !== "number" && typeof id !== "string")) continue;
    const fold = foldOf(id);
    if (fold === "choose") continue;
    const use = fold === "held-out" ? "test" : "train";
    labelled.push({ text: question, isOurs: labour === true, source: "stard", use });
  }
  return labelled;
}

/** Real messages, labelled by line and hash; those labelled `unclear` are left out. */
async function readRealMessages(shared: string): Promise<Labelled[]> {
  const messages: string[] = [];
  for await (const { message } of readJsonl(join(shared, "eval/real-messages-unlabelled.jsonl")))
    messages.push(String(message));
  const labelled: Labelled[] = [];
  for await (const { line, sha256, label } of readJsonl(new URL("labels.jsonl", here).pathname)) {
    const text = messages[Number(line) - 1];
    if (text === undefined) throw new Error(`labels.jsonl names line ${line}, which is not there`);
    const hash = createHash("sha256").update(text).digest();
    if (hash.toString("hex").slice(0, 16) !== sha256)
      throw new Error(`labels.jsonl: line ${line} is another message than the one that was labelled`);
    if (label === "unclear") continue;
    const use = (hash[0] as number) % 2 === 0 ? "test" : "tune";
    labelled.push({ text, isOurs: label !== "out_of_scope", source: "real", use });
  }
  return labelled;
}

/** Messages for the last measurement: read only so that no training text repeats one. */
async function readKeptAway(shared: string): Promise<string[]> {
  const texts: string[] = [];
  for (const name of ["real-messages-dev.jsonl", "worker-questions-dev.jsonl"])
    for await (const { message, question } of readJsonl(join(shared, "eval", name)))
      texts.push(String(message ?? question));
  return texts;
}

const labourLaws = /《[^》]*(?:劳动|工伤|社会保险|工会|职工|就业|失业保险|农民工|职业病)[^》]*》/;
const anyLaw = /《/;

/** Legal questions with an answer: whose matter they are is told by the laws that the answers cite, roughly. */
async function readLegalQuestions(shared: string): Promise<Labelled[]> {
  const cited = new Map<string, { labour: number; all: number }>();
  for await (const record of readJsonl(join(shared, "train/legal-qa-pairs.jsonl.gz"))) {
    const question = String(record.question);
    const text = String(record.text);
    const count = cited.get(question) ?? { labour: 0, all: 0 };
    if (anyLaw.test(text)) count.all++;
    if (labourLaws.test(text)) count.labour++;
    cited.set(question, count);
  }
  const labelled: Labelled[] = [];
  for (const [text, { labour, all }] of cited) {
    if (all === 0 || (labour > 0 && labour < all)) continue;
    labelled.push({ text, isOurs: labour > 0, source: "legal-qa", use: "train" });
  }
  return labelled;
}
