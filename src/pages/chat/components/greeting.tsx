import type { About } from "../api-types.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly about: About;
  readonly showExamples: boolean;
  readonly onExample: (question: string) => void;
}

/** How many example questions fit a phone's first screen. */
const shownExamples = 6;

/** The first words, and questions to begin with for who does not know how. */
export function Greeting({ about, showExamples, onExample }: Props) {
  return (
    <section class="greeting">
      <div class="bubble bot">
        <p>{texts.greeting(about.assistant, about.federation)}</p>
        <p>{texts.greetingHelp}</p>
        <p class="quiet">{texts.greetingPrivacy}</p>
      </div>
      {showExamples && about.examples.length > 0 && (
        <>
          <h2 class="examples-heading">{texts.examplesHeading}</h2>
          <ul class="examples">
            {about.examples.slice(0, shownExamples).map((question) => (
              <li key={question}>
                <button type="button" class="chip" onClick={() => onExample(question)}>
                  {question}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
