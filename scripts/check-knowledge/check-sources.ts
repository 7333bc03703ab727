import { existsSync } from "node:fs";
import { join } from "node:path";
import { canonicalLaw } from "../../src/answering/law-names.ts";
import { readJsonl } from "../../src/knowledge/corpus-search.ts";
import type { LawRegister } from "../../src/knowledge/documents/law-register.ts";
import { readLibrary } from "../../src/knowledge/documents/read-library.ts";
import type { Fault, Guide } from "./read-guides.ts";

/** A law's articles by the date of the version. */
interface LawTexts {
  readonly versions: Map<string, Set<string>>;
  /** Whether every article is there: the corpus of articles lacks some that an amendment put in. */
  readonly whole: boolean;
}

export interface SourceCheck {
  readonly faults: readonly Fault[];
  /** Articles that were looked up in the text of their law. */
  readonly checked: number;
  /** Names of laws whose text is not in the corpus. */
  readonly unknown: readonly string[];
}

/** No guide may rest on a text that the register says is repealed. */
export function checkInForce(guides: readonly Guide[], register: LawRegister, today: string): Fault[] {
  return guides.flatMap(({ path, frontMatter }) =>
    frontMatter.source.flatMap((source) => {
      if (!("law" in source)) return [];
      const status = register.statusOf(source.law, source.date);
      return status?.repealed !== undefined && status.repealed <= today
        ? [{ where: path, what: `rests on 《${source.law}》, not in force: ${status.note}` }]
        : [];
    }),
  );
}

/**
 * Looks every article that a guide names up in the text of its law: the folder `laws` of the corpus, and its
 * `articles.jsonl.gz` for laws that the folder lacks.
 */
export async function checkSources(
  guides: readonly Guide[],
  corpus: string,
  register: LawRegister,
): Promise<SourceCheck> {
  const texts = await readTexts(corpus, register);
  const faults: Fault[] = [];
  const unknown = new Set<string>();
  let checked = 0;
  for (const { path, frontMatter } of guides) {
    for (const source of frontMatter.source) {
      if (!("law" in source)) continue;
      const text = texts.get(canonicalLaw(source.law));
      if (text === undefined) {
        unknown.add(source.law);
        continue;
      }
      const version = text.versions.get(source.date) ?? newest(text.versions);
      for (const article of source.articles ?? []) {
        if (!text.whole && article.includes("之")) continue;
        checked++;
        if (!version.has(article))
          faults.push({
            where: path,
            what: `rests on 《${source.law}》${article}, which its text does not have`,
          });
      }
    }
  }
  return { faults, checked, unknown: [...unknown].sort() };
}

async function readTexts(corpus: string, register: LawRegister): Promise<Map<string, LawTexts>> {
  const texts = new Map<string, LawTexts>();
  const add = (law: string, date: string, article: string, whole: boolean) => {
    const text = texts.get(law) ?? { versions: new Map<string, Set<string>>(), whole };
    texts.set(law, text);
    text.versions.set(date, (text.versions.get(date) ?? new Set<string>()).add(article));
  };
  const { versions } = await readLibrary(join(corpus, "laws"), { origin: "added", register });
  for (const { document } of versions) {
    for (const { label } of document.sections) {
      if (label !== undefined) add(canonicalLaw(document.title), document.published ?? "", label, true);
    }
  }
  const articles = join(corpus, "articles.jsonl.gz");
  if (!existsSync(articles)) return texts;
  for await (const { law, article, date } of readJsonl(articles)) {
    if (typeof law !== "string" || typeof article !== "string") continue;
    const name = canonicalLaw(law);
    if (texts.get(name)?.whole !== true) add(name, typeof date === "string" ? date : "", article, false);
  }
  return texts;
}

function newest(versions: ReadonlyMap<string, Set<string>>): Set<string> {
  const [date = ""] = [...versions.keys()].sort().slice(-1);
  return versions.get(date) ?? new Set();
}
