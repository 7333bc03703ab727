import { globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseFrontMatter } from "../../src/knowledge/documents/front-matter.ts";
import { readJsonl } from "../../src/knowledge/jsonl.ts";
import type { Labelled } from "./sources.ts";

const labourLaw = /劳动|工伤|社会保险|工会|职工|就业|失业保险|农民工|职业病/;
/** One of so many articles of other laws is read. */
const everyOther = 20;
const shortest = 8;
const longest = 80;

/** Texts whose side is told by where they stand: the guides and their questions, articles of labour laws and of others. */
export async function readBackground(shared: string, knowledge: string): Promise<Labelled[]> {
  return [...(await readGuides(knowledge)), ...(await readArticles(shared))];
}

async function readGuides(knowledge: string): Promise<Labelled[]> {
  const texts: Labelled[] = [];
  const ours = (text: string, source: string): Labelled => ({ text, source, isOurs: true, use: "train" });
  for (const file of globSync(join(knowledge, "guides/*/*.md")).sort()) {
    const { frontMatter, body } = parseFrontMatter(await readFile(file, "utf8"));
    const { questions = [] } = frontMatter ?? {};
    texts.push(...questions.map((question) => ours(question, "questions of guides")));
    const sentences = body.split(/[。；\n]/u).map((sentence) => sentence.trim());
    texts.push(
      ...sentences
        .filter(({ length }) => length >= shortest)
        .map((text) => ours(text, "sentences of guides")),
    );
  }
  return texts;
}

async function readArticles(shared: string): Promise<Labelled[]> {
  const texts: Labelled[] = [];
  let line = 0;
  for await (const { law, text } of readJsonl(join(shared, "corpus/articles.jsonl.gz"))) {
    line++;
    const isOurs = labourLaw.test(String(law));
    if (!isOurs && line % everyOther !== 0) continue;
    texts.push({ text: String(text).slice(0, longest), isOurs, source: "articles", use: "train" });
  }
  return texts;
}
