import { useState } from "preact/hooks";
import type { Citation } from "../api-types.ts";
import { groupSources } from "../group-sources.ts";
import { texts } from "../texts.ts";
import { SourceLines } from "./source-lines.tsx";

interface Props {
  readonly id: string;
  readonly citations: readonly Citation[];
  readonly onOpenSource: (citation: Citation) => void;
}

const article = /^第.+条/;

/** The sources of an answer, folded; each opens its passage. A rule that several rest on is named once. */
export function SourceList({ id, citations, onOpenSource }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="sources details">
      <button
        type="button"
        class="fold-row"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        <span>{texts.sources(citations.length)}</span>
      </button>
      <div id={id} hidden={!isOpen} aria-live="off">
        {groupSources(citations).map(({ document, citations: members }) => (
          <section key={document} class="source-group">
            <h3>{document}</h3>
            <ul>
              {members.map((citation, position) => (
                <li key={citation.index}>
                  <button type="button" class="source" onClick={() => onOpenSource(citation)}>
                    <span class="source-index">{citation.index}</span>
                    <span class="source-words">
                      <span class="source-section">
                        {article.test(citation.section) ? citation.section : plainQuote(citation.quote)}
                      </span>
                      {members.every(
                        ({ source }, index) => index >= position || source !== citation.source,
                      ) && <SourceLines source={citation.source} />}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </div>
    </div>
  );
}

/** Guides are Markdown: without the list mark. */
const plainQuote = (quote: string) => quote.replace(/^\s*(?:[-*·]|\d+[.、])\s*/, "");
