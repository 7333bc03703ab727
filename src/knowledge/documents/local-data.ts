import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { AppError } from "../../errors.ts";
import { isoDate, validateYaml } from "./validate-yaml.ts";

const text = z.string().min(1);

const federationSchema = z.strictObject({
  verified: isoDate,
  source: text,
  name: text,
  short_name: text,
  aliases: z.array(text),
  city: text,
  /** Place whose documents hold here, beside 全国. */
  region: text,
  assistant: z.strictObject({ name: text, short_name: text }),
  fallback_hotlines: z.array(text).min(1),
  crisis_hotlines: z.array(text).min(1),
});
const hotlinesSchema = z.strictObject({
  verified: isoDate,
  hotlines: z
    .array(
      z.strictObject({
        number: z.string("号码要加引号").regex(/^[\d-]{3,15}$/u, "要是 3 到 15 位数字或连字符"),
        name: text,
        purpose: text,
        when: text.optional(),
        source: text,
        topics: z.array(text),
      }),
    )
    .min(1),
});
const districtsSchema = z.strictObject({
  verified: isoDate,
  source: text,
  districts: z
    .array(z.strictObject({ id: text, name: text, aliases: z.array(text), kind: text, organisation: text }))
    .min(1),
});
const organisationsSchema = z.strictObject({
  verified: isoDate,
  source: text,
  organisations: z
    .array(z.strictObject({ id: text, name: text, kind: text, role: text, hotline: text }))
    .min(1),
});

export type Hotline = z.output<typeof hotlinesSchema>["hotlines"][number];
export type District = z.output<typeof districtsSchema>["districts"][number];

/** What is particular to one federation: everything that a guide must not say for all of China. */
export interface LocalData {
  readonly federation: z.output<typeof federationSchema>;
  readonly hotlines: readonly Hotline[];
  readonly districts: readonly District[];
  readonly organisations: z.output<typeof organisationsSchema>["organisations"];
  readonly verified: string;
}

/** Reads and validates one federation's folder; throws `knowledge.local_data_invalid` naming file and field. */
export async function readLocalData(folder: string): Promise<LocalData> {
  const [federation, { hotlines, verified }, { districts }, { organisations }] = await Promise.all([
    readYaml(folder, "federation.yaml", federationSchema),
    readYaml(folder, "hotlines.yaml", hotlinesSchema),
    readYaml(folder, "districts.yaml", districtsSchema),
    readYaml(folder, "organisations.yaml", organisationsSchema),
  ]);
  const known = new Set(hotlines.map(({ number }) => number));
  const used = [
    ...federation.fallback_hotlines,
    ...federation.crisis_hotlines,
    ...organisations.map(({ hotline }) => hotline),
  ];
  const unknown = used.filter((number) => !known.has(number));
  if (unknown.length > 0)
    throw invalid(folder, "hotlines.yaml", `没有登记号码 ${[...new Set(unknown)].join("、")}`);
  return { federation, hotlines, districts, organisations, verified };
}

async function readYaml<Schema extends z.ZodType>(
  folder: string,
  name: string,
  schema: Schema,
): Promise<z.output<Schema>> {
  let yaml: string;
  try {
    yaml = await readFile(join(folder, name), "utf8");
  } catch (cause) {
    throw invalid(folder, name, "无法读取，请检查文件是否存在、有没有读取权限", cause);
  }
  const read = validateYaml(yaml, schema);
  if ("value" in read) return read.value;
  throw invalid(folder, name, read.faults.join("；"), read.cause);
}

function invalid(folder: string, name: string, fault: string, cause?: unknown): AppError {
  const where = folder.split(/[\\/]/u).at(-1);
  return new AppError("knowledge.local_data_invalid", `本地数据 ${where}/${name} 有误：${fault}`, {
    cause,
    details: { file: `${where}/${name}` },
  });
}
