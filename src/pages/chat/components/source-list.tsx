import { useState } from "preact/hooks";
import type { Citation } from "../api-types.ts";
import { groupSources } from "../group-sources.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly id: string;
  readonly citations: readonly Citation[];
  readonly onOpenSource: (citation: Citation) => void;
}

/** The sources of an answer, folded; each opens its passage. */
export function SourceList({ id, citations, onOpenSource }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="sources">
      <button
        type="button"
        class="button small fold"
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setOpen(!isOpen)}
      >
        {texts.sources(citations.length)}
      </button>
      <div id={id} hidden={!isOpen} aria-live="off">
        {groupSources(citations).map(({ document, citations: members }) => (
          <section key={document} class="source-group">
            <h3>{document}</h3>
            <ul>
              {members.map((citation) => (
                <li key={citation.index}>
                  <button type="button" class="source" onClick={() => onOpenSource(citation)}>
                    <span class="source-index">{citation.index}</span>
                    <span>
                      <span class="source-section">{citation.section}</span>
                      <small>{citation.source}</small>
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
