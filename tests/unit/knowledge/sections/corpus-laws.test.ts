import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { extractText } from "../../../../src/knowledge/formats/extract-text.ts";
import { parseArticleLabel } from "../../../../src/knowledge/sections/article-number.ts";
import { assertLossless } from "../../../../src/knowledge/sections/check-sections.ts";
import { splitSections } from "../../../../src/knowledge/sections/split-sections.ts";

const folder = new URL("../../../../../shared/corpus/laws/", import.meta.url);
const present = existsSync(folder);
const names = present ? readdirSync(folder).filter((name) => name.endsWith(".md")) : [];
const reason = present ? "" : " (skipped: the folder ../shared/corpus/laws is not here)";

/** Texts that are no laws by form: numbered paragraphs 一、二、三 or a decision on other texts. */
const withoutArticles =
  /^(?:关于职工全年|国务院关于处理国家机关|国务院关于高级专家退休问题的补充|最高人民法院关于修改)/;

describe.skipIf(!present)(`the laws of the corpus${reason}`, () => {
  it("are all there", () => {
    expect(names.length).toBe(55);
  });

  it.each(names)("%s: no character is lost and every article is found, in order", async (name) => {
    const raw = readFileSync(new URL(encodeURIComponent(name), folder));
    const { text, warnings } = await extractText({ name, bytes: raw });
    const sections = splitSections(text);
    assertLossless(text, sections);
    expect(warnings).toEqual([]);
    expect(withoutSpace(text)).toBe(withoutSpace(raw.toString().replace("<!-- INFO END -->", "")));

    const numbers = sections.flatMap(({ label }) =>
      label === undefined ? [] : parseArticleLabel(label)?.number,
    );
    const written = raw.toString().match(/^第[一二三四五六七八九十百零]+条[ 　]/gm) ?? [];
    expect(numbers).toEqual(written.map((_, index) => index + 1));
    expect(numbers.length > 2).toBe(!withoutArticles.test(name));
  });
});

function withoutSpace(text: string): string {
  return text.normalize("NFC").replace(/\s/g, "");
}
