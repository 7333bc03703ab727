import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Prompts } from "../../../src/answering/prompts.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "prompts-"));
  for (const name of ["answer-system.md", "answer-user.md"]) {
    await writeFile(join(folder, name), await readFile(join("prompts", name)));
  }
});

afterEach(() => rm(folder, { recursive: true }));

const user = (matter: string, text: string) =>
  writeFile(join(folder, "answer-user.md"), `---\n${matter}\n---\n${text}\n`);

describe("Prompts", () => {
  it("fills in the shipped prompts completely", async () => {
    const prompts = await Prompts.load("prompts");
    const text = prompts.render("answer-system", { notFound: "NOT_FOUND", sentences: "6" });
    expect(text).toContain("NOT_FOUND");
    expect(text).not.toContain("{{");
    expect(text).not.toContain("---");
    expect(prompts.version("answer-user")).toBeGreaterThan(0);
  });

  it("does not expand braces that stand in a value", async () => {
    const prompts = await Prompts.load(folder);
    const text = prompts.render("answer-user", {
      passages: "{{question}} $& $1",
      earlier: "",
      question: "秘密",
    });
    expect(text).toContain("{{question}} $& $1");
    expect(text.match(/秘密/gu)).toHaveLength(1);
  });

  it.each([
    [
      "a variable that the text uses and nobody declares",
      "version: 1\nvariables: [passages, earlier, question]",
      "{{passages}}{{earlier}}{{question}}{{name}}",
      "{{name}}",
    ],
    [
      "a variable that is declared and not used",
      "version: 1\nvariables: [passages, earlier, question]",
      "{{passages}}{{question}}",
      "{{earlier}}",
    ],
    [
      "a variable that the code does not know",
      "version: 1\nvariables: [passages, earlier, question, age]",
      "{{passages}}{{earlier}}{{question}}{{age}}",
      "{{age}}",
    ],
    [
      "a variable that the code needs and the file has not",
      "version: 1\nvariables: [passages, question]",
      "{{passages}}{{question}}",
      "{{earlier}}",
    ],
    [
      "no version",
      "variables: [passages, earlier, question]",
      "{{passages}}{{earlier}}{{question}}",
      "version",
    ],
    ["no text at all", "version: 1\nvariables: []", "", "{{passages}}"],
    ["broken front matter", "version: [", "x", "answer-user.md"],
  ])("refuses %s by name", async (_, matter, text, named) => {
    await user(matter, text);
    const failure = await Prompts.load(folder).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: "prompts.invalid", message: expect.stringContaining(named) });
    expect(failure).toMatchObject({ message: expect.stringContaining("answer-user.md") });
  });

  it("refuses a folder in which a prompt is missing", async () => {
    await rm(join(folder, "answer-system.md"));
    await expect(Prompts.load(folder)).rejects.toMatchObject({
      code: "prompts.invalid",
      message: expect.stringContaining("answer-system.md"),
    });
  });
});
