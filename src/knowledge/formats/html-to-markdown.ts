import { convert, type FormatCallback, type HtmlToTextOptions } from "html-to-text";

type HtmlElement = Parameters<FormatCallback>[0];
type Walk = Parameters<FormatCallback>[1];
type Builder = Parameters<FormatCallback>[2];

/** One `#` line, also where the page breaks it; nothing for a heading without text. */
const heading: FormatCallback = (element, walk, builder) => {
  const marks = "#".repeat(Number(element.name?.slice(1)));
  const toLine = (text: string) => (text.trim() === "" ? "" : `${marks} ${oneLine(text)}`);
  builder.openBlock({ leadingLineBreaks: 2 });
  walk(element.children, builder);
  builder.closeBlock({ trailingLineBreaks: 2, blockTransform: toLine });
};

/**
 * One row a line, so that what belongs together is found and quoted together. A table that only lays out a page
 * (it holds headings or further tables) is read as the blocks that it arranges.
 */
const table: FormatCallback = (element, walk, builder) => {
  if (laysOut(element)) {
    builder.openBlock({ leadingLineBreaks: 2 });
    walk(element.children, builder);
    builder.closeBlock({ trailingLineBreaks: 2 });
    return;
  }
  builder.openTable();
  addRows(element, walk, builder);
  builder.closeTable({
    leadingLineBreaks: 2,
    trailingLineBreaks: 2,
    tableToString: (rows) => {
      const lines = rows.map((cells) => rowLine(cells.map(({ text }) => text)));
      return lines.filter((line) => line !== "").join("\n");
    },
  });
};

function addRows(element: HtmlElement, walk: Walk, builder: Builder): void {
  for (const child of element.children ?? []) {
    if (["thead", "tbody", "tfoot"].includes(child.name ?? "")) {
      addRows(child, walk, builder);
    } else {
      builder.openTableRow();
      const cells = child.name === "tr" ? (child.children ?? []).filter(isCell) : [child];
      for (const cell of cells) {
        builder.openTableCell();
        // A caption or stray text between the rows is a row of its own.
        walk(isCell(cell) ? cell.children : [cell], builder);
        builder.closeTableCell();
      }
      builder.closeTableRow();
    }
  }
}

/** A single cell is a paragraph and keeps its lines; an empty row gives nothing. */
function rowLine(cells: readonly string[]): string {
  if (cells.length < 2) return cells[0]?.trim() ?? "";
  return cells.every((cell) => cell.trim() === "") ? "" : cells.map(oneLine).join(" | ");
}

function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

function isCell(element: HtmlElement): boolean {
  return element.name === "td" || element.name === "th";
}

function laysOut(element: HtmlElement): boolean {
  return (element.children ?? []).some(
    (child) => /^(?:table|h[1-6])$/.test(child.name ?? "") || laysOut(child),
  );
}

const headings = ["h1", "h2", "h3", "h4", "h5", "h6"];
const dropped = ["script", "style", "noscript", "template", "nav", "img", "svg", "iframe", "object", "head"];
const blocks = ["tr", "td", "th", "dt", "dd", "caption"];

const options: HtmlToTextOptions = {
  wordwrap: false,
  // The library's own limit cuts the text off with no more than a line on the console; 0 is none.
  limits: { maxInputLength: 0 },
  formatters: { heading, table },
  selectors: [
    ...headings.map((selector) => ({ selector, format: "heading" })),
    ...dropped.map((selector) => ({ selector, format: "skip" })),
    ...blocks.map((selector) => ({ selector, format: "block" })),
    { selector: "a", options: { ignoreHref: true } },
    { selector: "ul", options: { itemPrefix: "- " } },
    { selector: "table", format: "table" },
  ],
};

/**
 * The readable text of a page: headings as `#` lines, a table row a line with ` | ` between its cells, lists as
 * `- ` or `1. `, links as their text; scripts, styles, navigation and pictures are left out.
 */
export function htmlToMarkdown(html: string): string {
  return convert(html, options);
}
