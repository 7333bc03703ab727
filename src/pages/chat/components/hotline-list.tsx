import type { Hotline } from "../api-types.ts";
import { texts } from "../texts.ts";

/** Hotlines as large links that dial. */
export function HotlineList({ hotlines }: { readonly hotlines: readonly Hotline[] }) {
  return (
    <>
      <h2 class="hotlines-heading">{texts.hotlinesHeading}</h2>
      <ul>
        {hotlines.map(({ number, name, purpose, when }) => (
          <li key={number}>
            <a class="hotline" href={`tel:${number}`}>
              <span class="hotline-number">{number}</span>
              <span class="hotline-text">
                <b>{name}</b>
                {when === undefined ? "" : `（${when}）`}
                <small>{purpose}</small>
              </span>
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}
