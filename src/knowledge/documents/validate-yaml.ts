import { parse, YAMLParseError } from "yaml";
import { z } from "zod";

/** A value that passed its schema, or what is wrong with it, one short Chinese line each, for the editor. */
export type Validated<Value> =
  | { readonly value: Value }
  | { readonly faults: readonly string[]; readonly cause: unknown };

const { localeError: inChinese } = z.locales.zhCN();

/** Reads YAML that an editor wrote and checks it; every fault is named by its field, a broken line by its number. */
export function validateYaml<Schema extends z.ZodType>(
  yaml: string,
  schema: Schema,
): Validated<z.output<Schema>> {
  let raw: unknown;
  try {
    raw = parse(yaml);
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    const where = line === undefined ? "" : `第 ${line} 行附近`;
    return { faults: [`${where}YAML 无法读取，请检查引号、冒号和缩进`], cause };
  }
  const parsed = schema.safeParse(raw, { error: inChinese });
  if (parsed.success) return { value: parsed.data };
  return { faults: faultsOf(parsed.error.issues, []), cause: parsed.error };
}

/** Of a choice of forms, the one that fits best says what is missing. */
function faultsOf(issues: readonly z.core.$ZodIssue[], parent: readonly PropertyKey[]): string[] {
  return issues.flatMap((issue) => {
    const path = [...parent, ...issue.path];
    if (issue.code === "invalid_union") {
      const nearest = issue.errors.toSorted((left, right) => left.length - right.length)[0];
      if (nearest !== undefined && nearest.length > 0) return faultsOf(nearest, path);
    }
    return [`${path.length === 0 ? "整份内容" : path.map(String).join(".")}: ${issue.message}`];
  });
}

/** Whether a full date stands in the calendar. */
function isRealDate(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

const dateFault = "要写成 2026-11-21 这样的日期";
const partialDateFault = "要写成 2023、2023-12 或 2023-12-25 这样的年、月或日期";

/** A calendar date such as 2026-11-21. */
export const isoDate = z
  .string(dateFault)
  .regex(/^\d{4}-\d{2}-\d{2}$/u, { error: dateFault, abort: true })
  .refine(isRealDate, "没有这一天");

const partialDateText = z
  .string(partialDateFault)
  .regex(/^\d{4}(-(0[1-9]|1[0-2])(-\d{2})?)?$/u, { error: partialDateFault, abort: true })
  .refine((date) => date.length < 10 || isRealDate(date), "没有这一天");

/** YAML takes a bare 2023 or 996 for a number. */
const numberAsText = (value: unknown) => (typeof value === "number" ? String(value) : value);

/** A date, or only its year, or year and month. */
export const partialDate = z.preprocess(numberAsText, partialDateText);

/** Words, of which there is at least one character. */
export const words = z.preprocess(numberAsText, z.string().min(1));
