import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readJsonl } from "../../../src/knowledge/jsonl.ts";
import type { ReportSection } from "../../charts/report-section.ts";
import type { RatedQuestion } from "../../eval/articles.ts";
import { rankingScores } from "../../eval/measures.ts";
import { type Figure, quantile } from "../figure.ts";
import {
  type ContenderInfo,
  type ContenderRun,
  type ContenderScore,
  contenders,
  type SearchComparison,
  warmUpOf,
} from "./contender.ts";
import { searchReport } from "./search-report.ts";

const script = fileURLToPath(new URL("./contender-process.ts", import.meta.url));

/** Ours and the others over the same articles and questions, one after the other, each in its own process. */
export async function compareSearches(
  articles: string,
  questions: readonly RatedQuestion[],
  options: { most?: number; only?: readonly ContenderInfo[]; onProgress?: (line: string) => void } = {},
): Promise<SearchComparison> {
  const folder = mkdtempSync(join(tmpdir(), "niangjia-search-"));
  const { only = contenders, onProgress = () => {} } = options;
  try {
    const corpus = await firstRecords(articles, join(folder, "articles.jsonl"), options.most);
    const runs = only.map((contender) => {
      const asked = questions.slice(0, contender.mostQuestions ?? questions.length);
      const run = runContender(contender, corpus.file, asked);
      onProgress(`${contender.name}: ${run.indexSeconds.toFixed(1)} s, ${asked.length} questions`);
      return { contender, run };
    });
    const scores = runs.map(({ contender, run }) => scoreOf(contender.name, run, questions));
    const product = runs[0]?.run as ContenderRun;
    const ours = runs.map(({ run }) =>
      scoreOf("ours", { ...product, answers: product.answers.slice(0, run.answers.length) }, questions),
    );
    return { articles: corpus.size, scores, ours, overlap: overlapWithScan(runs) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The figures with their budgets, and the section of the report. */
export async function measureSearch(
  articles: string,
  questions: readonly RatedQuestion[],
  most?: number,
): Promise<{ figures: Figure[]; section: ReportSection }> {
  const comparison = await compareSearches(articles, questions, {
    ...(most === undefined ? {} : { most }),
    onProgress: (line) => process.stderr.write(`${line}\n`),
  });
  const product = comparison.scores[0] as ContenderScore;
  const own: Figure[] = [
    {
      name: `search: index of ${comparison.articles} articles`,
      value: product.indexSeconds,
      unit: "s",
      budget: 30,
    },
    { name: "search: index, processor time", value: product.indexProcessorSeconds, unit: "s" },
    { name: "search: most memory while indexing", value: product.peakMb, unit: "MB", budget: 700 },
    { name: "search: memory once indexed", value: product.restMb, unit: "MB" },
    {
      name: `search: p50 of ${product.questions - warmUpOf(product.questions)}`,
      value: product.p50,
      unit: "ms",
      budget: 3,
    },
    { name: "search: p95", value: product.p95, unit: "ms" },
    { name: "search: mean processor time", value: product.processorMs, unit: "ms" },
    { name: "search: recall@10", value: product.recall10, unit: "share" },
    { name: "search: recall@100", value: product.recall100, unit: "share" },
    { name: "search: MRR@10", value: product.mrr10, unit: "share" },
  ];
  const peers = comparison.scores.slice(1).flatMap((peer, i): Figure[] => [
    { name: `${peer.name}: p50`, value: peer.p50, unit: "ms" },
    {
      name: `${peer.name}: p50 against ours`,
      value: peer.p50 / (comparison.ours[i + 1]?.p50 ?? Number.NaN),
      unit: "times",
    },
    { name: `${peer.name}: recall@10`, value: peer.recall10, unit: "share" },
  ]);
  return { figures: [...own, ...peers], section: searchReport(comparison) };
}

function runContender(
  { module, create }: ContenderInfo,
  articles: string,
  questions: readonly RatedQuestion[],
): ContenderRun {
  const child = spawnSync(process.execPath, ["--expose-gc", script, module, create, articles], {
    encoding: "utf8",
    input: JSON.stringify(questions.map(({ question }) => question)),
    stdio: ["pipe", "pipe", "inherit"],
    maxBuffer: 256 * 1_048_576,
  });
  if (child.status !== 0) throw new Error(`${create} could not be measured, exit ${child.status}`);
  return JSON.parse(child.stdout) as ContenderRun;
}

function scoreOf(name: string, run: ContenderRun, questions: readonly RatedQuestion[]): ContenderScore {
  const times = run.answers.slice(warmUpOf(run.answers.length)).map(({ ms }) => ms);
  const scored = run.answers.map(({ found }, i) => {
    const relevant = new Set([...(questions[i]?.relevant ?? [])].map(String));
    return rankingScores(found, relevant);
  });
  const mean = (measure: "recall10" | "recall100" | "mrr10") =>
    scored.reduce((sum, scores) => sum + scores[measure], 0) / scored.length;
  return {
    name,
    questions: run.answers.length,
    indexSeconds: run.indexSeconds,
    indexProcessorSeconds: run.indexProcessorSeconds,
    peakMb: run.peakMb,
    restMb: run.restMb,
    p50: quantile(times, 0.5),
    p95: quantile(times, 0.95),
    processorMs: run.processorMs,
    recall10: mean("recall10"),
    recall100: mean("recall100"),
    mrr10: mean("mrr10"),
  };
}

function overlapWithScan(
  runs: readonly { contender: ContenderInfo; run: ContenderRun }[],
): Map<string, number> {
  const exact = runs.find(({ contender }) => contender.create === "createScan")?.run.answers;
  if (exact === undefined) return new Map();
  const approximate = runs.filter(({ contender }) =>
    ["createVectorIndex", "createLangChainHnsw"].includes(contender.create),
  );
  return new Map(
    approximate.map(({ contender, run }) => {
      const shares = run.answers.map(({ found }, i) => {
        const nearest = new Set(exact[i]?.found.slice(0, 10));
        return found.slice(0, 10).filter((id) => nearest.has(id)).length / Math.max(1, nearest.size);
      });
      return [contender.name, shares.reduce((sum, share) => sum + share, 0) / shares.length];
    }),
  );
}

/** The file itself with its number of records; the first `most` of them in a file of their own where a number is given. */
async function firstRecords(
  articles: string,
  copy: string,
  most = Number.POSITIVE_INFINITY,
): Promise<{ file: string; size: number }> {
  const lines: string[] = [];
  let size = 0;
  for await (const record of readJsonl(articles)) {
    if (size === most) break;
    size += 1;
    if (Number.isFinite(most)) lines.push(JSON.stringify(record));
  }
  if (!Number.isFinite(most)) return { file: articles, size };
  writeFileSync(copy, lines.join("\n"));
  return { file: copy, size };
}
