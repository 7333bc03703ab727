import { type Claim, extractClaims } from "./claims.ts";
import type { Provenance, ProvenanceOrigin } from "./grounded-answer.ts";
import { lawEnding, mentionsName, namesIn } from "./law-names.ts";

/** A text from which a reply may take its numbers, dates, articles, amounts and telephone numbers. */
export interface Evidence {
  readonly origin: ProvenanceOrigin;
  /** Citation index for a passage; a name for the other origins. */
  readonly reference: string;
  readonly text: string;
  /** The law of which the text is an extract, as `canonicalLaw` gives it: articles that name no law are its own. */
  readonly ownLaw?: string;
}

export interface ClaimCheck {
  readonly provenance: readonly Provenance[];
  /** Claims that no evidence bears out, and names of laws that stand in none. */
  readonly unsupported: readonly string[];
}

/**
 * Finds for every claim of a text the first evidence that contains it. An article must stand there with the law
 * that the text names for it, and every name in 《》 must stand in some evidence.
 *
 * The contact's own words bear out what they told of themselves (dates, durations, sums, numbers of people) in a
 * clause that repeats it as theirs (您说…, 您工作了3年…); never an article, a rate, a telephone number or a law: a
 * question's wrong premise is no source.
 */
export function checkClaims(text: string, evidence: readonly Evidence[]): ClaimCheck {
  const plain = text.normalize("NFKC");
  const prepared = evidence.map((source) => ({ source, ...prepare(source) }));
  const provenance: Provenance[] = [];
  const unsupported = new Set<string>();
  for (const claim of extractClaims(text)) {
    const found = prepared.find(
      ({ source, facts }) =>
        supports(facts, claim) && (source.origin !== "contact" || repeatsContact(plain, claim)),
    );
    if (found === undefined)
      unsupported.add(claim.laws[0] === undefined ? claim.text : `《${claim.laws[0]}》${claim.text}`);
    else
      provenance.push({ claim: claim.text, origin: found.source.origin, reference: found.source.reference });
  }
  for (const { name } of namesIn(plain)) {
    const known = prepared.some(
      ({ source, names }) => names(name) && (source.origin !== "contact" || !lawEnding.test(name)),
    );
    if (!known) unsupported.add(`《${name}》`);
  }
  return { provenance, unsupported: [...unsupported] };
}

interface Facts {
  readonly keys: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  readonly articles: readonly Claim[];
}

interface Prepared {
  readonly facts: Facts;
  readonly names: (name: string) => boolean;
}

/** A streamed reply is checked sentence by sentence against the same evidence. */
const memory = new WeakMap<Evidence, Prepared>();

function prepare(source: Evidence): Prepared {
  const known = memory.get(source);
  if (known !== undefined) return known;
  const claims = extractClaims(source.text, source.ownLaw);
  const text = source.text.normalize("NFKC").replaceAll("中华人民共和国", "");
  const bracketed = new Set(namesIn(source.text.normalize("NFKC")).map(({ name }) => name));
  const prepared = {
    facts: {
      keys: new Set(claims.flatMap((claim) => [claim.key, ...implied(claim)])),
      values: new Set(claims.map(({ value }) => value)),
      articles: claims.filter(({ key }) => key.startsWith("article:")),
    },
    names: (name: string) => name === source.ownLaw || bracketed.has(name) || mentionsName(text, name),
  };
  memory.set(source, prepared);
  return prepared;
}

function supports({ keys, values, articles }: Facts, claim: Claim): boolean {
  const [kind, rest = ""] = [
    claim.key.slice(0, claim.key.indexOf(":")),
    claim.key.slice(claim.key.indexOf(":") + 1),
  ];
  if (kind === "article") return articles.some((article) => isSameArticle(article, claim));
  if (keys.has(claim.key)) return true;
  if (kind === "number") return values.has(claim.value);
  return (kind === "calendar-year" || kind === "phone") && keys.has(`number:${rest}`);
}

/** An article bears out its mention without paragraph or law, not the other way round. */
function isSameArticle(article: Claim, claim: Claim): boolean {
  if (article.key !== claim.key && !(claim.key === `article:${claim.value}` && article.value === claim.value))
    return false;
  return claim.laws.length === 0 || claim.laws.some((law) => article.laws.includes(law));
}

/** What a claim says besides itself: a date its year, month and day. */
function implied({ key, text }: Claim): string[] {
  const [kind, value = ""] = key.split(":");
  const [year, month, day] = value.split("-");
  if (kind === "date")
    return [
      `month-of-year:${year}-${month}`,
      `calendar-year:${year}`,
      `day-of-month:${month}-${day}`,
      `calendar-month:${month}`,
    ];
  if (kind === "month-of-year") return [`calendar-year:${year}`, `calendar-month:${month}`];
  if (kind === "day-of-month") return [`calendar-month:${year}`];
  if (kind !== "article") return [];
  return (text.match(/第[^第]+[款项目]/gu) ?? []).map((clause) => `clause:${clause}`);
}

const aboutContact =
  /^(?:date|month-of-year|day-of-month|calendar-year|calendar-month|day|week|month|minute|yuan|age|grade|person|time|clock):/u;
const asTheirs =
  /您(?:说|提|讲|写|问|的?月?工资|的?月薪|每月|每天|一个月|已|干|做|工作|上班|入职|被|今年|所说)|像您/u;

function repeatsContact(text: string, claim: Claim): boolean {
  if (!aboutContact.test(claim.key)) return false;
  const before = text.slice(0, claim.at);
  const clause = before.slice(
    Math.max(...["。", "；", ";", "！", "!", "，", ",", "\n"].map((mark) => before.lastIndexOf(mark))) + 1,
  );
  return asTheirs.test(clause);
}
