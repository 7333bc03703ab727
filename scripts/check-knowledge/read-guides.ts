import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { messageOf } from "../../src/errors.ts";
import { type FrontMatter, parseFrontMatter } from "../../src/knowledge/documents/front-matter.ts";

export interface Guide {
  /** Relative to the folder of guides. */
  readonly path: string;
  readonly frontMatter: FrontMatter;
  readonly body: string;
}

/** One line for the editor: where and what. */
export interface Fault {
  readonly where: string;
  readonly what: string;
}

/** Every guide that has valid front matter; the others are faults. */
export function readGuides(folder: string): { guides: Guide[]; faults: Fault[] } {
  const guides: Guide[] = [];
  const faults: Fault[] = [];
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".md") && !/^readme\.md$/iu.test(basename(path)),
  );
  for (const path of paths.sort()) {
    try {
      const { frontMatter, body } = parseFrontMatter(readFileSync(join(folder, path), "utf8"));
      if (frontMatter === undefined) faults.push({ where: path, what: "has no front matter" });
      else guides.push({ path, frontMatter, body });
    } catch (error) {
      faults.push({ where: path, what: messageOf(error) });
    }
  }
  return { guides, faults };
}

/** Two questions that differ only in blanks, width and punctuation are one. */
export function comparable(question: string): string {
  return question
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}
