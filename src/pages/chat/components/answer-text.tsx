import type { Citation } from "../api-types.ts";
import { keepTogether } from "../keep-together.ts";
import { type Inline, type Line, parseText } from "../parse-text.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly phones: readonly string[];
  readonly onOpenSource: (citation: Citation) => void;
}

/** The text of a reply as paragraphs, lists and heads. Markup in it stays visible text. */
export function AnswerText({ text, citations, phones, onOpenSource }: Props) {
  const piece = (part: Inline) => {
    if (part.kind === "text") return part.text;
    if (part.kind === "phone") {
      return (
        <a class="phone" href={`tel:${part.number}`} aria-label={texts.call(part.number)}>
          {part.number}
        </a>
      );
    }
    const citation = citations.find(({ index }) => index === part.index);
    if (citation === undefined) return `[${part.index}]`;
    return (
      <button
        type="button"
        class="citation"
        aria-label={`${texts.source(part.index)}：${citation.document} ${citation.section}`}
        onClick={() => onOpenSource(citation)}
      >
        <span aria-hidden="true">{part.index}</span>
      </button>
    );
  };
  const line = (parts: Line) =>
    keepTogether(parts).map((group) =>
      group.length === 1 ? group.map(piece) : <span class="unbroken">{group.map(piece)}</span>,
    );
  const blocks = parseText(text, { citations: new Set(citations.map(({ index }) => index)), phones });
  return (
    <div class="answer-text">
      {blocks.map((block) => {
        if (block.kind === "head") return <p class="head">{line(block.line)}</p>;
        if (block.kind === "paragraph") {
          return <p>{block.lines.map((parts, index) => [index > 0 && <br />, ...line(parts)])}</p>;
        }
        const items = block.items.map((parts) => <li>{line(parts)}</li>);
        return block.kind === "bullets" ? <ul>{items}</ul> : <ol start={block.first}>{items}</ol>;
      })}
    </div>
  );
}
