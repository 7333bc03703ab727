import { parse } from "yaml";
import { z } from "zod";
import { AppError } from "../../errors.ts";

const isoDate = z.string().regex(/^\d{4}-\d{2}-\d{2}$/u, "must be a date such as 2026-11-21");
const partialDate = z
  .string()
  .regex(/^\d{4}(-\d{2}){0,2}$/u, "must be a year, a month or a date such as 2023, 2023-12, 2023-12-25");
const blank = z.union([z.null(), z.literal("")]).transform(() => undefined);

const lawSource = z.strictObject({
  law: z.string().min(1),
  number: z.string().optional(),
  articles: z.array(z.string().regex(/^第.+条(之.+)?$/u, "must be an article such as 第八十二条")).optional(),
  date: partialDate,
});
const reportSource = z.strictObject({
  report: z.string().min(1),
  publisher: z.string().optional(),
  date: partialDate,
});

const schema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/u, "must be kebab-case, such as contract-double-wage"),
  title: z.string().min(1),
  topic: z.string().min(1),
  region: z.string().min(1),
  audience: z.array(z.string()).min(1),
  source: z.array(z.union([lawSource, reportSource])).min(1, "must name at least one law or report"),
  effective: z.union([partialDate, blank]).optional(),
  repealed: z.union([isoDate, blank]).optional(),
  verified: isoDate,
  questions: z.array(z.string().min(1)).min(1),
});

export type FrontMatter = z.output<typeof schema>;

const fence = /^---\n(?<yaml>[\s\S]*?)\n---\n/u;

/**
 * Splits a Markdown guide into its validated front matter and its body. Returns undefined front matter for a text
 * that has none. Throws `knowledge.front_matter_invalid` naming every fault at once.
 */
export function parseFrontMatter(text: string): { frontMatter: FrontMatter | undefined; body: string } {
  const match = fence.exec(text);
  if (match === null) return { frontMatter: undefined, body: text };
  const body = text.slice(match[0].length);
  let raw: unknown;
  try {
    raw = parse(match.groups?.yaml ?? "");
  } catch (cause) {
    throw new AppError("knowledge.front_matter_invalid", "文件开头的 YAML 无法读取，请检查引号、冒号和缩进", {
      cause,
    });
  }
  const parsed = schema.safeParse(raw);
  if (parsed.success) return { frontMatter: parsed.data, body };
  const faults = parsed.error.issues.map(
    (issue) => `${issue.path.join(".") || "(front matter)"}: ${issue.message}`,
  );
  throw new AppError("knowledge.front_matter_invalid", `文件开头的说明有误：${faults.join("；")}`, {
    details: { faults },
  });
}
