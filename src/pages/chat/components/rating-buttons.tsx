import { useState } from "preact/hooks";
import type { Rating } from "../api-types.ts";
import { texts } from "../texts.ts";

interface Props {
  readonly rating: Rating | undefined;
  readonly onRate: (rating: Rating) => Promise<boolean>;
}

const thumb =
  "M7 10v9H4v-9h3zm2 9V10l4-7c1.4 0 2.2 1.1 1.9 2.4L14.2 9H19c1.2 0 2 1.1 1.7 2.2l-1.6 6.2c-.2 1-1.1 1.6-2.1 1.6H9z";

/** Was the answer useful? */
export function RatingButtons({ rating, onRate }: Props) {
  const [line, setLine] = useState("");
  const rate = async (chosen: Rating) => {
    if (chosen === rating) return;
    const stored = await onRate(chosen);
    if (!stored) setLine(texts.ratingFailed);
    else setLine(chosen === "up" ? texts.ratingThanks : texts.ratingSorry);
  };
  const button = (value: Rating, label: string) => (
    <button
      type="button"
      class={`button small rating ${value}`}
      aria-pressed={rating === value}
      onClick={() => void rate(value)}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <path d={thumb} />
      </svg>
      {label}
    </button>
  );
  return (
    <div class="ratings" aria-live="off">
      <fieldset>
        <legend class="for-readers">{texts.ratingQuestion}</legend>
        {button("up", texts.useful)}
        {button("down", texts.useless)}
      </fieldset>
      <p class="rating-line" role="status">
        {line}
      </p>
    </div>
  );
}
