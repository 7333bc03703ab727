import type { IndexedChunk } from "../knowledge/retrieval/index-entries.ts";
import { describeSource } from "./describe-source.ts";
import type { Citation } from "./grounded-answer.ts";
import { plainItem } from "./plain-item.ts";

/** Numbers the passages in the order in which a text leans on them. */
export class Citations {
  readonly list: Citation[];
  /** The cited passages, in the order of the list. */
  readonly passages: IndexedChunk[];

  /** `draft`: what a text cites already, to go on from. */
  constructor(draft?: {
    readonly citations: readonly Citation[];
    readonly passages: readonly IndexedChunk[];
  }) {
    this.list = [...(draft?.citations ?? [])];
    this.passages = [...(draft?.passages ?? [])];
  }

  /** The mark to put into the text, such as [1]; a passage cited again keeps its number. */
  cite(passage: IndexedChunk): string {
    const { chunk, document } = passage;
    let citation = this.list.find(({ chunkId }) => chunkId === chunk.id);
    if (citation === undefined) {
      citation = {
        index: this.list.length + 1,
        chunkId: chunk.id,
        document: document.title,
        section: chunk.label ?? chunk.path.at(-1) ?? document.title,
        source: describeSource(document, chunk),
        quote: plainItem(chunk.text),
      };
      this.list.push(citation);
      this.passages.push(passage);
    }
    return `[${citation.index}]`;
  }
}
