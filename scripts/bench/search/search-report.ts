import { drawBars } from "../../charts/bar-chart.ts";
import { markdownTable, type ReportSection } from "../../charts/report-section.ts";
import type { ContenderScore, SearchComparison } from "./contender.ts";

/** The comparison as a table and a chart. */
export function searchReport({ articles, scores, ours, overlap }: SearchComparison): ReportSection {
  const all = Math.max(...scores.map(({ questions }) => questions));
  const fewer = scores.filter(({ questions }) => questions < all);
  const rows = scores.map((score, i) => row(score, ours[i] as ContenderScore, i === 0));
  const notes = [
    `\`npm run bench -- search\`: ${count(articles)} articles of Chinese law, ${all} questions of STARD that nothing was trained or chosen on, each contender in a process of its own, one after the other. The others have their default settings and get the same words as ours, cut by jieba with the labour lexicon and joined by spaces; vectors are all ours. Memory is above the empty process, segmenter and embedder included: the most while indexing, and at rest. CPU: processor time of indexing and mean processor time of a search, which a busy machine does not change. In brackets: how many times ours; for recall the difference from ours in points over the same questions.`,
    ...fewer.map(({ name, questions }) => `${name} was asked the first ${questions} questions only.`),
    ...[...overlap].map(
      ([name, share]) =>
        `${name}: ${(100 * share).toFixed(1)} % of the ten nearest that comparing all vectors finds.`,
    ),
  ];
  return {
    name: "search",
    markdown: [
      "## Search beside others",
      notes.join("\n"),
      markdownTable(
        [
          "",
          "index s",
          "CPU s",
          "memory MB",
          "p50 ms",
          "p95 ms",
          "CPU ms",
          "recall@10",
          "recall@100",
          "MRR@10",
        ],
        rows,
      ),
      "![Search beside others](charts/search.svg)",
    ].join("\n\n"),
    charts: {
      "search.svg": drawBars([
        {
          title: `Milliseconds of a search (p50, ${count(articles)} articles; each step to the right ×10)`,
          logarithmic: true,
          bars: scores.map(({ name, p50 }, i) => ({
            label: name,
            value: p50,
            shown: `${p50.toFixed(p50 < 10 ? 1 : 0)} ms`,
            own: i === 0,
          })),
        },
        {
          title: "Share of the relevant articles among the first ten (recall@10)",
          most: 1,
          bars: scores.map(({ name, recall10 }, i) => ({
            label: name,
            value: recall10,
            shown: recall10.toFixed(3),
            own: i === 0,
          })),
        },
      ]),
    },
  };
}

function row(score: ContenderScore, ours: ContenderScore, isOurs: boolean): string[] {
  const times = (own: number, other: number) => (isOurs ? "" : ` (×${(other / own).toFixed(1)})`);
  const points = (own: number, other: number) =>
    isOurs ? "" : ` (${other < own ? "−" : "+"}${Math.abs(100 * (other - own)).toFixed(1)})`;
  return [
    isOurs ? `**${score.name}**` : score.name,
    score.indexSeconds.toFixed(1) + times(ours.indexSeconds, score.indexSeconds),
    score.indexProcessorSeconds.toFixed(1),
    `${score.peakMb.toFixed(0)} / ${score.restMb.toFixed(0)}`,
    score.p50.toFixed(2) + times(ours.p50, score.p50),
    score.p95.toFixed(2),
    score.processorMs.toFixed(2),
    score.recall10.toFixed(3) + points(ours.recall10, score.recall10),
    score.recall100.toFixed(3),
    score.mrr10.toFixed(3),
  ];
}

export const count = (value: number) => value.toLocaleString("en").replaceAll(",", " ");
