import { readFileSync } from "node:fs";
import { parse } from "yaml";
import { z } from "zod";
import { normaliseForSearch } from "../tokenizer.ts";

const schema = z.record(z.string(), z.array(z.string()));

/** One of the tables of this folder, with keys and values in the writing of a search. */
export function readTable(name: "dialect" | "english" | "laws"): [string, readonly string[]][] {
  const table = schema.parse(parse(readFileSync(new URL(`./${name}.yaml`, import.meta.url), "utf8")));
  return Object.entries(table).map(([key, values]) => [key, values.map(normaliseForSearch)]);
}
