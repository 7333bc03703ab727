const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const originals = new Map(Object.entries(escapes).map(([sign, escaped]) => [escaped, sign]));

/** A text as Telegram's HTML shows it unchanged, also inside an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
}

/** What a reader sees of HTML that this channel made. */
export function plainText(html: string): string {
  return html
    .replace(/<[^>]*>/g, "")
    .replace(/&(?:amp|lt|gt|quot);/g, (escaped) => originals.get(escaped) ?? "");
}
