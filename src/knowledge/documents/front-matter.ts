import { z } from "zod";
import { AppError } from "../../errors.ts";
import { isoDate, partialDate, validateYaml, words } from "./validate-yaml.ts";

const blank = z.union([z.null(), z.literal("")]).transform(() => undefined);

const lawSource = z.strictObject({
  law: z.string().min(1),
  number: z.string().optional(),
  articles: z.array(z.string().regex(/^第.+条(之.+)?$/u, "要写成 第八十二条 这样的条号")).optional(),
  date: partialDate,
});
const reportSource = z.strictObject({
  report: z.string().min(1),
  publisher: z.string().optional(),
  date: partialDate,
});

const schema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/u, "要用小写字母、数字和连字符，例如 contract-double-wage"),
  title: words,
  topic: z.string().min(1),
  region: z.string().min(1),
  audience: z.array(z.string()).min(1),
  source: z.array(z.union([lawSource, reportSource])).min(1, "至少要写一部法律（law）或一份报告（report）"),
  effective: z.union([partialDate, blank]).optional(),
  repealed: z.union([isoDate, blank]).optional(),
  verified: isoDate,
  questions: z.array(words).min(1),
});

export type FrontMatter = z.output<typeof schema>;

const fence = /^---[ \t]*\n(?<yaml>(?:[\s\S]*?\n)??)---[ \t]*(?:\n|$)/u;
/** A line of dashes alone may also be a rule across the page; one with a field after it is not. */
const opened = /^---[ \t]*\n\s*[\w-]+[ \t]*:/u;

/**
 * Splits a Markdown guide into its validated front matter and its body. Returns undefined front matter for a text
 * that has none. Throws `knowledge.front_matter_invalid` naming every fault at once.
 */
export function parseFrontMatter(text: string): { frontMatter: FrontMatter | undefined; body: string } {
  const match = fence.exec(text);
  if (match === null) {
    if (opened.test(text)) throw invalid(["没有结尾：请在说明之后加单独一行 ---"]);
    return { frontMatter: undefined, body: text };
  }
  const read = validateYaml(match.groups?.yaml ?? "", schema);
  if ("faults" in read) throw invalid(read.faults, read.cause);
  return { frontMatter: read.value, body: text.slice(match[0].length) };
}

function invalid(faults: readonly string[], cause?: unknown): AppError {
  return new AppError("knowledge.front_matter_invalid", `文件开头的说明有误：${faults.join("；")}`, {
    cause,
    details: { faults },
  });
}
