import { drawBars, type Panel } from "../charts/bar-chart.ts";
import { markdownTable, type ReportSection } from "../charts/report-section.ts";
import type { Comparison } from "./baseline.ts";
import {
  abstentionOf,
  type EvaluatedLine,
  type EvaluatedSuite,
  type Measure,
  meanOf,
  measureNames,
  measures,
  yesOrNo,
} from "./suite.ts";
import { wilsonInterval } from "./wilson-interval.ts";

export interface Run {
  /** ISO date. */
  readonly at: string;
  /** The language model that answered, or `none`. */
  readonly model: string;
  readonly suites: readonly EvaluatedSuite[];
  /** Against the last run; undefined where there is none to compare with. */
  readonly comparisons: readonly Comparison[] | undefined;
  /** What could not be run, and why. */
  readonly skipped: readonly string[];
}

/** The report as Markdown with its charts: what `npm run eval` prints and writes. */
export function reportOf(run: Run): ReportSection {
  const parts = [
    "## Answers and search",
    `\`npm run eval\`, ${run.at.slice(0, 10)}, language model: ${run.model}. Intervals are Wilson's at 95 %.`,
    ...run.skipped.map((line) => `- ${line}`),
    measuresTable(run.suites),
    "### Telling what is ours and known",
    "Declined: called out of scope, or nothing found. Precision: of the declined messages, those that are not the union's. Recall: of the messages that are not the union's, those that were declined. Turned away: of the union's messages, those called out of scope.",
    abstentionTable(run.suites),
    "### By topic",
    topicTable(run.suites),
    rankingTable(run.suites),
    "![Answers as expected, by topic](charts/answers.svg)",
    "### Against the last run",
    comparisonText(run.comparisons),
  ];
  return {
    name: "answers",
    markdown: parts.filter((part) => part !== "").join("\n\n"),
    charts: { "answers.svg": drawBars([topicPanel(run.suites), ...searchPanels(run.suites)]) },
  };
}

function measuresTable(suites: readonly EvaluatedSuite[]): string {
  const rows = suites.flatMap(({ name, lines }) =>
    measures.flatMap((measure) => {
      if (measure === "faithful") return claimsRow(name, lines);
      const seen = meanOf(lines, measure);
      return seen === undefined
        ? []
        : [[`${name}: ${measureNames[measure]}`, String(seen.count), ...valueCells(measure, seen)]];
    }),
  );
  return markdownTable(["suite and measure", "lines", "value", "95 %"], rows);
}

function valueCells(measure: Measure, { mean, count }: { mean: number; count: number }): string[] {
  if (!yesOrNo.has(measure)) return [mean.toFixed(3), ""];
  return [percent(mean), interval(Math.round(mean * count), count)];
}

/** Claims are counted one by one, not line by line: a line has none or many. */
function claimsRow(name: string, lines: readonly EvaluatedLine[]): string[][] {
  const counted = lines.flatMap(({ claims }) => claims ?? []);
  const all = counted.reduce((sum, claims) => sum + claims.all, 0);
  const borneOut = counted.reduce((sum, claims) => sum + claims.borneOut, 0);
  if (all === 0) return [];
  return [
    [`${name}: ${measureNames.faithful}`, `${all} claims`, percent(borneOut / all), interval(borneOut, all)],
  ];
}

function abstentionTable(suites: readonly EvaluatedSuite[]): string {
  const rows = suites.flatMap(({ name, lines }) => {
    const { foreign, foreignDeclined, declined, ours, turnedAway } = abstentionOf(lines);
    if (foreign + ours === 0) return [];
    return [
      [
        name,
        foreign === 0 ? "–" : shareCell(foreignDeclined, declined),
        shareCell(foreignDeclined, foreign),
        shareCell(turnedAway, ours),
      ],
    ];
  });
  return markdownTable(["suite", "precision", "recall", "turned away"], rows);
}

const shareCell = (hits: number, total: number) =>
  total === 0 ? "–" : `${hits}/${total} = ${percent(hits / total)} (${interval(hits, total)})`;

/** Lines that have a measure, by topic, from every suite. */
function byTopic(
  suites: readonly EvaluatedSuite[],
  measure: Measure,
): [topic: string, lines: EvaluatedLine[]][] {
  const topics = new Map<string, EvaluatedLine[]>();
  for (const line of suites.flatMap(({ lines }) => lines)) {
    if (line.scores[measure] === undefined) continue;
    const known = topics.get(line.topic);
    if (known === undefined) topics.set(line.topic, [line]);
    else known.push(line);
  }
  return [...topics].sort(([left], [right]) => left.localeCompare(right, "en"));
}

function topicTable(suites: readonly EvaluatedSuite[]): string {
  const rows = byTopic(suites, "asExpected").map(([topic, lines]) => [
    topic,
    String(lines.length),
    ...(["asExpected", "guideFirst", "guideInThree"] as const).map((measure) => {
      const seen = meanOf(lines, measure);
      return seen === undefined
        ? "–"
        : `${percent(seen.mean)} (${interval(Math.round(seen.mean * seen.count), seen.count)})`;
    }),
  ]);
  return markdownTable(
    ["topic", "lines", measureNames.asExpected, measureNames.guideFirst, measureNames.guideInThree],
    rows,
  );
}

function rankingTable(suites: readonly EvaluatedSuite[]): string {
  const shown = ["recall10", "recall100", "mrr10", "ndcg10"] as const;
  const rows = byTopic(suites, "recall10").map(([topic, lines]) => [
    topic,
    String(lines.length),
    ...shown.map((measure) => meanOf(lines, measure)?.mean.toFixed(3) ?? "–"),
  ]);
  return rows.length === 0
    ? ""
    : markdownTable(["articles found", "lines", ...shown.map((measure) => measureNames[measure])], rows);
}

function topicPanel(suites: readonly EvaluatedSuite[]): Panel {
  return {
    title: "Answers as expected, by topic (with the 95 % interval)",
    most: 1,
    bars: byTopic(suites, "asExpected").map(([topic, lines]) => {
      const hits = lines.filter(({ scores }) => scores.asExpected === 1).length;
      const { low, high } = wilsonInterval(hits, lines.length);
      const value = hits / lines.length;
      return { label: topic, value, shown: `${percent(value)} of ${lines.length}`, low, high };
    }),
  };
}

function searchPanels(suites: readonly EvaluatedSuite[]): Panel[] {
  return suites.flatMap(({ name, lines }) => {
    const bars = (["recall10", "recall100", "mrr10", "ndcg10"] as const).flatMap((measure) => {
      const seen = meanOf(lines, measure);
      return seen === undefined
        ? []
        : [{ label: measureNames[measure], value: seen.mean, shown: seen.mean.toFixed(3), own: true }];
    });
    return bars.length === 0 ? [] : [{ title: `Search: ${name}`, most: 1, bars }];
  });
}

function comparisonText(comparisons: readonly Comparison[] | undefined): string {
  if (comparisons === undefined) return "No former run to compare with.";
  if (comparisons.length === 0) return "The former run has nothing in common with this one.";
  const rows = comparisons.map(
    ({ suite, measure, lines, before, after, worse, better, probability, isDrop }) => [
      `${suite}: ${measureNames[measure]}`,
      String(lines),
      before.toFixed(3),
      after.toFixed(3),
      `${worse} / ${better}`,
      probability.toFixed(3),
      isDrop ? "DROP" : after === before ? "same" : after > before ? "better" : "within noise",
    ],
  );
  return `The same lines in both runs. A drop: so many more lines worse than better would come by chance in less than one of twenty cases (one-sided sign test over the lines that changed, which is McNemar's exact test where a line is met or not; Holm's correction over the measures of a suite).\n\n${markdownTable(
    ["suite and measure", "lines", "before", "now", "worse / better", "p", ""],
    rows,
  )}`;
}

/** One line for each measure that fell by more than chance explains. */
export function describeDrops(comparisons: readonly Comparison[]): string[] {
  return comparisons
    .filter(({ isDrop }) => isDrop)
    .map(
      ({ suite, measure, before, after, worse, better }) =>
        `${suite}: ${measureNames[measure]} fell from ${before.toFixed(3)} to ${after.toFixed(3)} (${worse} lines worse, ${better} better)`,
    );
}

const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

function interval(hits: number, total: number): string {
  const { low, high } = wilsonInterval(hits, total);
  return `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)}`;
}
