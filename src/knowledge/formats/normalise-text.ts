/** Line ends of every system and of Unicode. */
const lineEnds = /\r\n?|[\v\f\u0085\u2028\u2029]/g;

/**
 * Characters that a reader does not see and that would split words, turn text around or carry hidden
 * instructions: controls, soft hyphen, zero-width and bidirectional signs, interlinear and tag characters.
 */
const invisible =
  /(?![\t\n])\p{Cc}|[\u00AD\u061C\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/**
 * The one form in which text is stored, hashed and searched: NFC, `\n` line ends, no invisible characters, no
 * blanks at line ends, at most two blank lines in a row, none at the beginning and the end. Applied twice it
 * changes nothing more.
 */
export function normaliseText(text: string): string {
  const visible = text.toWellFormed().replace(lineEnds, "\n").replace(invisible, "").normalize("NFC");
  const lines = visible.split("\n").map((line) => line.trimEnd());
  const kept: string[] = [];
  let blank = 0;
  for (const line of lines) {
    blank = line === "" ? blank + 1 : 0;
    if (blank > 2 || (line === "" && kept.length === 0)) continue;
    kept.push(line);
  }
  while (kept.at(-1) === "") kept.pop();
  return kept.join("\n");
}
