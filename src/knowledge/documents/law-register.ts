import { createHash } from "node:crypto";
import { parse } from "yaml";
import { z } from "zod";
import { shortTitle } from "../retrieval/article-references.ts";

const schema = z.strictObject({
  laws: z.array(
    z.strictObject({
      law: z.string(),
      /** Date of the last text of that name that the entry speaks of. */
      published: z.string().optional(),
      status: z.enum(["in_force", "repealed", "superseded", "replaced", "historical", "check"]),
      /** Last day in force. */
      until: z.string().optional(),
      by: z.string(),
    }),
  ),
});

type Entry = z.output<typeof schema>["laws"][number];

/** What the register knows of one text. */
export interface LawStatus {
  /** First day on which the text does not hold any more; it supports no answer from then on. */
  readonly repealed?: string;
  readonly note: string;
}

/** Texts without a known last day that must not support an answer: as if repealed on this day. */
const longAgo = "1949-10-01";

/** Which laws are no longer in force: data of the knowledge folder, so that an editor can keep it. */
export class LawRegister {
  /** Changes whenever an entry does. */
  readonly fingerprint: string;
  readonly #entries: readonly Entry[];

  constructor(entries: readonly Entry[]) {
    this.#entries = entries;
    this.fingerprint = createHash("sha256").update(JSON.stringify(entries)).digest("hex").slice(0, 16);
  }

  /** Reads `laws.yaml`; throws a ZodError that names the fault. */
  static parse(yaml: string): LawRegister {
    return new LawRegister(schema.parse(parse(yaml)).laws);
  }

  /** What is known of a text by its title and, where given, its date: a text newer than `until` is another one. */
  statusOf(title: string, published?: string): LawStatus | undefined {
    const name = comparable(title);
    const entry = this.#entries.find(
      (known) =>
        comparable(known.law) === name &&
        (published === undefined || known.until === undefined || published <= known.until),
    );
    if (entry === undefined || entry.status === "in_force") return undefined;
    if (entry.status === "check") return { note: entry.by };
    return { repealed: entry.until === undefined ? longAgo : dayAfter(entry.until), note: entry.by };
  }
}

/** Brackets and spaces differ between editions of one title. */
const comparable = (title: string) => shortTitle(title).replace(/[\s《》〈〉<>（）()]/gu, "");

function dayAfter(isoDate: string): string {
  return new Date(Date.parse(`${isoDate}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}
