import type { Citation } from "../api-types.ts";
import { foldDetails, leadingTitle } from "../fold-details.ts";
import { keepTogether } from "../keep-together.ts";
import { type Block, type Inline, type Line, parseText } from "../parse-text.ts";
import { texts } from "../texts.ts";
import { FoldedDetails } from "./folded-details.tsx";

interface Props {
  readonly text: string;
  readonly citations: readonly Citation[];
  readonly phones: readonly string[];
  readonly onOpenSource: (citation: Citation) => void;
}

/**
 * The text of a reply: the conclusion first and largest, the steps in sight, grounds and neighbouring matters
 * behind one line each. Markup in it stays visible text.
 */
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
  const detail = (item: Line) => {
    const title = leadingTitle(item, citations);
    const [first, ...rest] = item;
    if (title === "" || first?.kind !== "text") return <li>{line(item)}</li>;
    return (
      <li>
        <b>{title}</b>
        <br />
        {line([{ kind: "text", text: first.text.slice(title.length + 1) }, ...rest])}
      </li>
    );
  };
  const shown = (block: Block, isConclusion: boolean) => {
    if (block.kind === "head") return <p class="head">{line(block.line)}</p>;
    if (block.kind === "paragraph") {
      return (
        <p class={isConclusion ? "conclusion" : undefined}>
          {block.lines.map((parts, index) => [index > 0 && <br />, ...line(parts)])}
        </p>
      );
    }
    const items = block.items.map((parts) => <li>{line(parts)}</li>);
    return block.kind === "bullets" ? <ul>{items}</ul> : <ol start={block.first}>{items}</ol>;
  };
  const blocks = parseText(text, { citations: new Set(citations.map(({ index }) => index)), phones });
  return (
    <div class="answer-text">
      {foldDetails(blocks, citations).map((part) =>
        part.kind === "shown" ? (
          shown(part.block, part.isConclusion)
        ) : (
          <FoldedDetails head={part.head} summary={part.summary}>
            <ul>{part.items.map(detail)}</ul>
          </FoldedDetails>
        ),
      )}
    </div>
  );
}
