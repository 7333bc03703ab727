import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { AppError } from "../errors.ts";

/** The prompts that the code uses, each with the variables that it fills in. */
const known = {
  "answer-system": ["notFound", "sentences"],
  "answer-user": ["passages", "earlier", "question"],
} as const;

export type PromptName = keyof typeof known;
export type PromptValues<Name extends PromptName> = Readonly<Record<(typeof known)[Name][number], string>>;

const frontMatter = z.strictObject({ version: z.number().int().positive(), variables: z.array(z.string()) });
const form = /^---\n(?<yaml>[\s\S]*?)\n---\n(?<text>[\s\S]*)$/u;
const placeholder = /\{\{\s*(?<name>[^{}]*?)\s*\}\}/gu;

interface Prompt {
  readonly version: number;
  readonly text: string;
}

/** The texts of `prompts/`, ready to be filled in. */
export class Prompts {
  readonly #prompts: ReadonlyMap<PromptName, Prompt>;

  private constructor(prompts: ReadonlyMap<PromptName, Prompt>) {
    this.#prompts = prompts;
  }

  /**
   * Reads every prompt that the code uses from `<folder>/<name>.md`. Throws `prompts.invalid` naming the file where
   * one is missing or malformed, or where its variables, the ones in its text and the code's are not the same.
   */
  static async load(folder: string): Promise<Prompts> {
    const names = Object.keys(known) as PromptName[];
    const entries = await Promise.all(
      names.map(async (name) => [name, await readPrompt(folder, name)] as const),
    );
    return new Prompts(new Map(entries));
  }

  /** The prompt with its variables filled in. Braces inside a value are text. */
  render<Name extends PromptName>(name: Name, values: PromptValues<Name>): string {
    const filled: Readonly<Record<string, string>> = values;
    return this.#of(name).text.replace(placeholder, (_, variable: string) => filled[variable] ?? "");
  }

  version(name: PromptName): number {
    return this.#of(name).version;
  }

  #of(name: PromptName): Prompt {
    return this.#prompts.get(name) as Prompt;
  }
}

async function readPrompt(folder: string, name: PromptName): Promise<Prompt> {
  const file = `${name}.md`;
  const content = await readFile(join(folder, file), "utf8").catch((cause: unknown) => {
    throw invalid(file, "cannot be read", cause);
  });
  const parts = form.exec(content.replaceAll("\r\n", "\n"))?.groups;
  const matter = frontMatter.safeParse(parse(parts?.yaml ?? "", { logLevel: "silent" }));
  if (!matter.success) throw invalid(file, "needs front matter with version and variables", matter.error);
  const text = (parts?.text ?? "").trim();
  const used = [...text.matchAll(placeholder)].map((match) => match.groups?.name ?? "");
  const faults = [
    ...differences("is used in the text and not declared", used, matter.data.variables),
    ...differences("is declared and not used in the text", matter.data.variables, used),
    ...differences("is unknown to the code", matter.data.variables, known[name]),
    ...differences("is missing", known[name], matter.data.variables),
  ];
  if (faults.length > 0) throw invalid(file, faults.join("; "));
  return { version: matter.data.version, text };
}

function differences(what: string, names: readonly string[], among: readonly string[]): string[] {
  return [...new Set(names)].filter((name) => !among.includes(name)).map((name) => `{{${name}}} ${what}`);
}

function invalid(file: string, what: string, cause?: unknown): AppError {
  return new AppError("prompts.invalid", `prompts/${file} ${what}`, cause === undefined ? {} : { cause });
}
