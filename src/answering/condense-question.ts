/** Words that point back to what was said before. */
const pointsBack =
  /^(?:那|那么|这|这个|这种|它|他们|还有|另外|如果|要是|假如|万一|要|需要|多久|多少|哪里|去哪|怎么|为什么|然后|所以|不是)/u;
const asksOn = /(?:呢|咧)[?？。!！]*$/u;
/** Longer questions stand on their own. */
const longestFollowUp = 14;

/**
 * Makes a question that can be searched alone out of one that continues a conversation: "那要多久呢" is searched
 * together with what the contact asked before. `earlier` holds the contact's own questions, oldest first.
 */
export function condenseQuestion(
  question: string,
  earlier: readonly string[],
  hasOwnSubject: (text: string) => boolean,
): string {
  const text = question.trim();
  const previous = earlier.at(-1);
  if (previous === undefined || [...text].length > longestFollowUp) return text;
  const continues = pointsBack.test(text) || asksOn.test(text);
  if (!continues || hasOwnSubject(text)) return text;
  return `${previous.trim()} ${text}`;
}
