import { basename, dirname } from "node:path";
import { checkClaims } from "../../src/answering/check-claims.ts";
import { extractClaims } from "../../src/answering/claims.ts";
import { canonicalLaw } from "../../src/answering/law-names.ts";
import { comparable, type Fault, type Guide } from "./read-guides.ts";

const mostSentences = 3;
const leastQuestions = 6;
const neededHeadings = ["规定", "怎么办"];

/** What can be said of each guide by itself. `hotlines`: the numbers that the federation lists. */
export function checkGuide(guide: Guide, hotlines: ReadonlySet<string>): Fault[] {
  const { path, frontMatter, body } = guide;
  const lead = leadOf(body);
  const sentences = lead.match(/[。！？!?]/gu)?.length ?? 0;
  const headings = new Set(
    [...body.matchAll(/^##\s+(?<title>.+)$/gmu)].map(({ groups }) => groups?.title?.trim()),
  );
  const missing = neededHeadings.filter((heading) => !headings.has(heading));
  return [
    ...when(basename(path, ".md") !== frontMatter.id, `its id is ${frontMatter.id}, not the file's name`),
    ...when(dirname(path) !== frontMatter.topic, `its topic is ${frontMatter.topic}, not its folder`),
    ...when(lead === "" || lead.startsWith("#"), "does not begin with the answer"),
    ...when(sentences > mostSentences, `begins with ${sentences} sentences, more than ${mostSentences}`),
    ...when(missing.length > 0, `has no part ${missing.join(", ")}`),
    ...when(
      frontMatter.questions.length < leastQuestions,
      `has ${frontMatter.questions.length} questions, fewer than ${leastQuestions}`,
    ),
    ...unsourced(guide).map((article) => `names ${article}, which is not among its sources`),
    ...phonesOf(body)
      .filter((number) => !hotlines.has(number))
      .map((number) => `gives the number ${number}, which hotlines.yaml does not list`),
  ].map((what) => ({ where: path, what }));
}

/**
 * Numbers and articles of the first paragraph that nothing else in the guide says. They are for an editor's eye: an
 * example that was worked out and a number in other words are found too.
 */
export function unbackedLead({ body, frontMatter }: Guide, hotlines: ReadonlySet<string>): readonly string[] {
  const lead = leadOf(body);
  const sources = frontMatter.source.map((source) =>
    "law" in source
      ? `《${source.law}》${(source.articles ?? []).join("、")} ${source.number ?? ""} ${source.date}`
      : `《${source.report}》 ${source.date}`,
  );
  const rest = [body.trim().slice(lead.length), frontMatter.title, ...sources, ...hotlines].join("\n");
  return checkClaims(lead, [{ origin: "passage", reference: "guide", text: rest }]).unsupported;
}

/** Questions that stand in more than one place: search could not tell their guides apart. */
export function checkQuestions(guides: readonly Guide[]): Fault[] {
  const asked = new Map<string, string>();
  const faults: Fault[] = [];
  for (const { path, frontMatter } of guides) {
    for (const question of frontMatter.questions) {
      const other = asked.get(comparable(question));
      if (other !== undefined) faults.push({ where: path, what: `asks “${question}”, as ${other} does` });
      asked.set(comparable(question), path);
    }
  }
  return faults;
}

/** The paragraph before the first heading. */
function leadOf(body: string): string {
  const text = body.trim();
  const end = text.search(/\n\s*\n|\n#/u);
  return end < 0 ? text : text.slice(0, end);
}

/** Articles with a law's name in the text that the front matter does not name. */
function unsourced({ body, frontMatter }: Guide): string[] {
  const named = new Set(
    frontMatter.source.flatMap((source) =>
      "law" in source
        ? (source.articles ?? []).map((article) => `${canonicalLaw(source.law)} ${article}`)
        : [],
    ),
  );
  return extractClaims(body)
    .filter(({ key, laws }) => key.startsWith("article:") && laws.length > 0)
    .filter(({ value, laws }) => !laws.some((law) => named.has(`${law} ${value}`)))
    .map(({ value, laws }) => `《${laws[0]}》${value}`);
}

function phonesOf(body: string): string[] {
  const numbers = extractClaims(body)
    .filter(({ key }) => key.startsWith("phone:"))
    .map(({ value }) => value);
  return [...new Set(numbers)];
}

const when = (isFault: boolean, what: string) => (isFault ? [what] : []);
