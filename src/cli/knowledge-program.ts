import { userInfo } from "node:os";
import { resolve } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { AppError } from "../errors.ts";
import type { KnowledgeTools } from "../knowledge/knowledge-tools.ts";
import type { RehearsalReport } from "../knowledge/rehearsal/rehearsal-report.ts";
import type { ReloadReport } from "../knowledge/reload-report.ts";
import type { Streams } from "./ask.ts";
import { type KnowledgeResults, mostHits } from "./knowledge-commands.ts";
import { type ListedDocument, printDocuments, printHits, printReport } from "./knowledge-output.ts";
import { printCited, printHistory, printRefusal } from "./rehearsal-output.ts";
import { searchCorpus } from "./search-corpus.ts";

export interface KnowledgeProgramParts {
  readonly run: <Name extends keyof KnowledgeResults>(
    name: Name,
    args: unknown,
  ) => Promise<KnowledgeResults[Name]>;
  readonly createTools: () => Promise<KnowledgeTools>;
  readonly streams: Streams;
  readonly signal: AbortSignal;
}

const jsonOption = ["--json", "输出一行 JSON", false] as const;
const acceptOption = ["--accept <reason>", "试答变差也启用，写明理由，会留下记录"] as const;

/** Adds what can be done with the knowledge to `knowledge`. */
export function defineKnowledgeCommands(knowledge: Command, parts: KnowledgeProgramParts): void {
  defineChanges(knowledge, parts);
  defineRecords(knowledge, parts);
  defineSearch(knowledge, parts);
}

interface ChangeFlags {
  readonly json: boolean;
  readonly accept?: string;
}

function defineChanges(knowledge: Command, { run, streams }: KnowledgeProgramParts): void {
  /** Says what a change did; where its rehearsal kept it from going live, says that and ends with 1. */
  const tell = async (json: boolean, change: Promise<ReloadReport>): Promise<ReloadReport | undefined> => {
    try {
      const report = await change;
      streams.out(json ? `${JSON.stringify(report)}\n` : printReport(report));
      return report;
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "knowledge.rehearsal_failed") throw error;
      process.exitCode = 1;
      const { code, message } = error;
      const rehearsal = error.shown as RehearsalReport | undefined;
      if (json) streams.out(`${JSON.stringify({ error: { code, message }, rehearsal })}\n`);
      else streams.err(rehearsal === undefined ? `${message}\n` : printRefusal(message, rehearsal));
      return undefined;
    }
  };

  knowledge
    .command("reload")
    .description("按资料文件夹更新，只处理有变化的；先用标准题和最近的真实提问试答，变差就不启用")
    .option(...acceptOption)
    .option(...jsonOption)
    .action(async ({ json, ...given }: ChangeFlags) => {
      await tell(json, run("reload", { ...given, by: whoAsks() }));
    });

  knowledge
    .command("add")
    .description("添加文件或文件夹（Markdown、文本、HTML、docx、pdf），也先试答")
    .argument("<paths...>", "文件或文件夹")
    .option(...acceptOption)
    .option(...jsonOption)
    .action(async (paths: string[], { json, ...given }: ChangeFlags) => {
      const args = { ...given, by: whoAsks(), paths: paths.map((path) => resolve(path)) };
      const report = await tell(json, run("add", args));
      if (report !== undefined && report.refused.length > 0) process.exitCode = 1;
    });

  knowledge
    .command("remove")
    .description("移除一份添加过的文件，马上不再用来回答；列出以前引用过它的回答")
    .argument("<id>", "编号，见 knowledge list")
    .option(...jsonOption)
    .action(async (id: string, { json }: ChangeFlags) => {
      await tell(json, run("remove", { id, by: whoAsks() }));
    });

  knowledge
    .command("rollback")
    .description("恢复上一版资料；再运行一次回到新版")
    .option(...jsonOption)
    .action(async ({ json }: ChangeFlags) => {
      const restored = await run("rollback", { by: whoAsks() });
      const { id, documents, chunks, milliseconds } = restored;
      streams.out(
        json
          ? `${JSON.stringify(restored)}\n`
          : `已恢复资料第 ${id} 版：${documents} 份文件，${chunks} 段，用时 ${(milliseconds / 1_000).toFixed(2)} 秒\n`,
      );
    });
}

function defineRecords(knowledge: Command, { run, streams }: KnowledgeProgramParts): void {
  knowledge
    .command("history")
    .description("每一版资料的来历：试答结果、理由、谁启用的、恢复过几次")
    .argument("[generation]", "只看这一版，连同变化了的回答", wholeNumber)
    .option("--most <n>", "最多几条", wholeNumber, 20)
    .option("--json", "每条一行 JSON", false)
    .action(async (generation: number | undefined, { json, most }: { json: boolean; most: number }) => {
      const args = { most: Math.min(most, 500), ...(generation === undefined ? {} : { generation }) };
      const events = await run("history", args);
      streams.out(json ? events.map((event) => `${JSON.stringify(event)}\n`).join("") : printHistory(events));
    });

  knowledge
    .command("cited")
    .description("以前哪些回答引用过一份文件：多少个、在哪些对话里")
    .argument("<id>", "文件编号，见 knowledge list；已移除的也可以")
    .option("--since <date>", "从这一天起，例如 2026-01-31")
    .option(...jsonOption)
    .action(async (id: string, { json, since }: { json: boolean; since?: string }) => {
      if (since !== undefined && !isDate(since))
        throw new AppError("http.bad_request", "日期要写成 2026-01-31");
      const cited = await run("cited", { id, ...(since === undefined ? {} : { since }) });
      streams.out(json ? `${JSON.stringify(cited)}\n` : printCited(cited));
    });

  knowledge
    .command("list")
    .description("列出正在使用的文件")
    .option("--json", "每份文件一行 JSON", false)
    .action(async ({ json }: { json: boolean }) => {
      const documents: ListedDocument[] = [];
      for (let total = 1; documents.length < total; ) {
        const page = await run("list", { offset: documents.length, limit: 500 });
        documents.push(...page.documents);
        total = page.documents.length === 0 ? 0 : page.total;
      }
      streams.out(
        json
          ? documents.map((document) => `${JSON.stringify(document)}\n`).join("")
          : printDocuments(documents),
      );
    });
}

interface SearchFlags {
  readonly top: number;
  readonly json: boolean;
  readonly all: boolean;
  readonly corpus?: string;
  readonly batch?: string;
}

function defineSearch(
  knowledge: Command,
  { run, createTools, streams, signal }: KnowledgeProgramParts,
): void {
  knowledge
    .command("search")
    .description("检索，和对话用的是同一条路；--corpus 检索别的 JSONL 资料")
    .argument("[text]", "检索的话")
    .option("--top <n>", "要几条", wholeNumber, 10)
    .option("--json", "输出 JSON", false)
    .option("--all", "连已失效的和别处的也要", false)
    .option("--corpus <file>", "JSONL（可 .gz），每行 {id, text, …}，只放在内存里")
    .option("--batch <file>", "JSONL，每行有 question（或 text），可有 id")
    .action(async (text: string | undefined, options: SearchFlags) => {
      const { corpus } = options;
      if (corpus !== undefined) {
        const asked = { ...options, corpus, ...(text === undefined ? {} : { text }) };
        await searchCorpus(asked, await createTools(), streams, signal);
        return;
      }
      if (options.batch !== undefined) throw new AppError("http.bad_request", "--batch 要和 --corpus 一起用");
      if (options.top > mostHits) throw new AppError("http.bad_request", `--top 最多 ${mostHits}`);
      if (text === undefined || text.trim() === "")
        throw new AppError(
          "http.bad_request",
          '请写下要检索的话，例如：npm run knowledge -- search "二倍工资"',
        );
      const [hits = []] = await run("search", { texts: [text], top: options.top, all: options.all });
      streams.out(options.json ? hits.map((hit) => `${JSON.stringify(hit)}\n`).join("") : printHits(hits));
    });
}

/** The account on this machine, for the record of who changed the knowledge. */
function whoAsks(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a number that has no name.
    return String(process.getuid?.() ?? "unknown");
  }
}

const isDate = (text: string) =>
  /^\d{4}-\d{2}-\d{2}$/u.test(text) && new Date(text).toJSON()?.startsWith(text) === true;

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000_000)
    throw new InvalidArgumentError("要一个 1 以上的整数");
  return value;
}
