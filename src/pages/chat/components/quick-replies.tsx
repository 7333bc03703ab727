import { texts } from "../texts.ts";

interface Props {
  readonly replies: readonly string[];
  readonly onReply: (text: string) => void;
}

/** Answers to choose from, under the newest reply. */
export function QuickReplies({ replies, onReply }: Props) {
  return (
    <div class="quick-replies">
      <h2 class="examples-heading">{texts.quickReplies}</h2>
      <ul class="examples">
        {replies.map((text) => (
          <li key={text}>
            <button type="button" class="chip" onClick={() => onReply(text)}>
              {text}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
