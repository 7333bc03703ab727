import { useLayoutEffect, useRef } from "preact/hooks";
import type { Passage, PassageSection } from "../api-types.ts";
import { findQuote } from "../find-quote.ts";
import { texts } from "../texts.ts";
import { SourceLines } from "./source-lines.tsx";

const marginAbove = 12;

/** Where it comes from and from when to when it holds, then the text around the passage with the quote marked. */
export function PassageText({ passage, quote }: { readonly passage: Passage; readonly quote: string }) {
  const current = useRef<HTMLElement>(null);
  useLayoutEffect(() => {
    const body = current.current?.parentElement;
    const top = current.current?.offsetTop ?? 0;
    // Source and dates stay in sight where the passage begins on the first screen anyway.
    if (body && top > body.clientHeight / 2) body.scrollTop = top - marginAbove;
  }, [passage]);
  const { source, region, effective, repealed, verified } = passage;
  const facts: [string, string | undefined][] = [
    [texts.passageRegion, region],
    [texts.passageEffective, effective],
    [texts.passageRepealed, repealed],
    [texts.passageVerified, verified],
  ];
  return (
    <>
      <dl class="passage-facts">
        {source !== "" && (
          <div class="passage-source">
            <dt>{texts.passageSource}</dt>
            <dd>
              <SourceLines source={source} />
            </dd>
          </div>
        )}
        {facts.map(
          ([name, value]) =>
            value !== undefined &&
            value !== "" && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {repealed !== undefined && <p class="repealed">{texts.passageRepealedNote(repealed)}</p>}
      {passage.context.map((section, index) => {
        const above = passage.context[index - 1]?.section ?? passage.document;
        const heading = section.section === above ? "" : section.section;
        return section.current ? (
          <section key={section.id} class="passage current" ref={current}>
            <p class="passage-label">{texts.passageCited}</p>
            <SectionText section={section} heading={heading} quote={quote} />
          </section>
        ) : (
          <section key={section.id} class="passage">
            <SectionText section={section} heading={heading} quote="" />
          </section>
        );
      })}
    </>
  );
}

interface SectionProps {
  readonly section: PassageSection;
  /** Empty where the section before has the same. */
  readonly heading: string;
  readonly quote: string;
}

const listMark = /^(?:[-*] |\d{1,2}\. )/;

function SectionText({ section, heading, quote }: SectionProps) {
  const found = findQuote(section.text, quote);
  return (
    <>
      {heading !== "" && <h3>{heading}</h3>}
      <p class={listMark.test(section.text) ? "passage-lines item" : "passage-lines"}>
        {withBullets(found.before)}
        {found.quote !== "" && <mark>{withBullets(found.quote)}</mark>}
        {withBullets(found.after)}
      </p>
    </>
  );
}

/** Guides are Markdown: a list mark at the head of a line reads better as a dot. */
function withBullets(text: string): string {
  return text.replace(/^[-*] /gm, "· ");
}
