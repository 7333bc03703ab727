import { readJsonl } from "../../../src/knowledge/jsonl.ts";
import { Tokenizer } from "../../../src/knowledge/retrieval/tokenizer.ts";

export interface ArticleText {
  readonly id: string;
  readonly text: string;
  /** The other fields that are text: law, article, date, category. */
  readonly others: string;
}

export async function* readArticleTexts(file: string): AsyncGenerator<ArticleText> {
  for await (const { id, text, ...rest } of readJsonl(file)) {
    const others = Object.values(rest).filter((value) => typeof value === "string");
    yield { id: String(id), text: String(text), others: others.join(" ") };
  }
}

/** Cuts Chinese text for libraries that split at spaces: the product's own jieba words, a space between them. */
export function createSpacer(): (text: string) => string {
  const tokenizer = new Tokenizer();
  return (text) => tokenizer.tokenize(text).words.join(" ");
}
