import { createHash } from "node:crypto";
import { z } from "zod";
import { AppError } from "../../errors.ts";
import { shortTitle } from "../retrieval/article-references.ts";
import { isoDate, validateYaml } from "./validate-yaml.ts";

const schema = z.strictObject({
  laws: z.array(
    z.strictObject({
      law: z.string().min(1),
      /** Date of the last text of that name that the entry speaks of. */
      published: isoDate.optional(),
      status: z.enum(["in_force", "repealed", "superseded", "replaced", "historical", "check"]),
      /** First day in force of the text published on `published`, where the text does not say it: an amended law. */
      effective: isoDate.optional(),
      /** Last day in force. */
      until: isoDate.optional(),
      by: z.string(),
    }),
  ),
});

type Entry = z.output<typeof schema>["laws"][number];

/** What the register knows of one text. */
export interface LawStatus {
  /** First day on which the text holds. */
  readonly effective?: string;
  /** First day on which the text does not hold any more; it supports no answer from then on. */
  readonly repealed?: string;
  /** Why it does not hold any more, or what is to be checked. */
  readonly note?: string;
}

/** Texts without a known last day that must not support an answer: as if repealed on this day. */
export const longAgo = "1949-10-01";

/** Which laws are no longer in force: data of the knowledge folder, so that an editor can keep it. */
export class LawRegister {
  /** Changes whenever an entry does. */
  readonly fingerprint: string;
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.fingerprint = createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 16);
  }

  /** Reads `laws.yaml`; throws `knowledge.local_data_invalid` that names the fault. */
  static parse(yaml: string): LawRegister {
    const read = validateYaml(yaml, schema);
    if ("value" in read) return new LawRegister(read.value.laws);
    throw new AppError(
      "knowledge.local_data_invalid",
      `法律状态表 laws.yaml 有误：${read.faults.join("；")}`,
      {
        cause: read.cause,
        details: { file: "laws.yaml" },
      },
    );
  }

  /** What is known of a text by its title and, where given, its date: a text newer than the entry's is another one. */
  statusOf(title: string, published?: string): LawStatus | undefined {
    const name = comparable(title);
    const named = this.#entries.filter(({ law }) => comparable(law) === name);
    const own = named.find((known) => published !== undefined && known.published === published);
    const entry = own ?? named.find((known) => !isNewer(published, known.until ?? known.published));
    const effective = own?.effective === undefined ? {} : { effective: own.effective };
    if (entry === undefined || entry.status === "in_force")
      return own?.effective === undefined ? undefined : effective;
    if (entry.status === "check") return { ...effective, note: entry.by };
    const repealed = entry.until === undefined ? longAgo : dayAfter(entry.until);
    return { ...effective, repealed, note: entry.by };
  }
}

const isNewer = (published: string | undefined, last: string | undefined) =>
  published !== undefined && last !== undefined && published > last;

/** Brackets and spaces differ between editions of one title. */
const comparable = (title: string) => shortTitle(title).replace(/[\s《》〈〉<>（）()]/gu, "");

function dayAfter(isoDay: string): string {
  return new Date(Date.parse(`${isoDay}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
