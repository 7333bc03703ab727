import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { createInMemoryKnowledge, createTools, createTurn } from "./app.ts";
import { terminalChat } from "./channels/terminal/chat.ts";
import { defineAdminCommands } from "./cli/admin-program.ts";
import { runTransfer } from "./cli/admin-transfer.ts";
import { ask, type Streams } from "./cli/ask.ts";
import { type KnowledgeResults, mostHits } from "./cli/knowledge-commands.ts";
import {
  type ListedDocument,
  printDocuments,
  printHits,
  printReport,
  progressBar,
} from "./cli/knowledge-output.ts";
import { runAdminCommand } from "./cli/open-admin.ts";
import { runKnowledgeCommand } from "./cli/open-knowledge.ts";
import { searchCorpus } from "./cli/search-corpus.ts";
import { type Config, readConfig } from "./config.ts";
import { wordingFor } from "./conversation/wording/wording-for.ts";
import { AppError, messageOf } from "./errors.ts";
import type { ReloadProgress } from "./knowledge/reload-report.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";

const streams: Streams = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
};
const stopped = new AbortController();
// A second Ctrl+C ends the process at once.
process.once("SIGINT", () => stopped.abort(new AppError("knowledge.reload_failed", "已取消")));
// A reader that closes early, such as `| head`, has what it wanted; a full disk has not.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  streams.err(`写不出结果：${error.message}\n`);
  process.exit(1);
});
process.stderr.on("error", () => {});

let config: Config;
let logger: Logger;

const program = new Command("niangjia")
  .description("娘家人：工会助手的命令行")
  .configureOutput({ writeErr: (text) => streams.err(text) })
  .hook("preAction", () => {
    config = readConfig(process.env);
    // A command's output is its answer: the log stays for what goes wrong.
    logger = createLogger({ level: config.logLevel === "info" ? "warn" : config.logLevel });
  });

program
  .command("ask")
  .description("问一个问题，或用 --batch 逐行问一个 JSONL 文件")
  .argument("[question]", "问题")
  .option("--json", "每个问题输出一行 JSON", false)
  .option("--batch <file>", "JSONL 文件，每行有 question（或 message），可有 id")
  .option("--knowledge <dir>", "改用这个文件夹里的资料")
  .action(
    async (question: string | undefined, options: { json: boolean; batch?: string; knowledge?: string }) => {
      const knowledge = await createInMemoryKnowledge(
        config,
        options.knowledge === undefined ? undefined : resolve(options.knowledge),
      );
      for (const { path, reason } of knowledge.refused) streams.err(`${path}：${reason}\n`);
      const turn = await createTurn(config, knowledge, logger);
      await ask(question, options, turn, streams, () => performance.now(), stopped.signal);
    },
  );

program
  .command("chat")
  .description("在终端里对话（不保存）")
  .action(async () => {
    const knowledge = await createInMemoryKnowledge(config);
    const turn = await createTurn(config, knowledge, logger);
    await terminalChat({
      input: process.stdin,
      output: process.stdout,
      interactive: process.stdin.isTTY,
      greeting: `${wordingFor("").smallTalk("greeting", knowledge.local())}\n（一般信息，不是法律意见。输入“退出”结束。）`,
      handler: turn,
      logger,
      now: () => new Date(),
    });
  });

const knowledge = program.command("knowledge").description("资料：更新、添加、查看、检索、恢复");

knowledge
  .command("reload")
  .description("按资料文件夹更新，只处理有变化的")
  .action(async () => streams.out(printReport(await run("reload", {}))));

knowledge
  .command("add")
  .description("添加文件或文件夹（Markdown、文本、HTML、docx、pdf）")
  .argument("<paths...>", "文件或文件夹")
  .action(async (paths: string[]) => {
    const report = await run("add", { paths: paths.map((path) => resolve(path)) });
    streams.out(printReport(report));
    if (report.refused.length > 0) process.exitCode = 1;
  });

knowledge
  .command("remove")
  .description("移除一份添加过的文件，马上不再用来回答")
  .argument("<id>", "编号，见 knowledge list")
  .action(async (id: string) => streams.out(printReport(await run("remove", { id }))));

knowledge
  .command("rollback")
  .description("恢复上一版资料；再运行一次回到新版")
  .action(async () => {
    const { id, documents, chunks } = await run("rollback", {});
    streams.out(`已恢复资料第 ${id} 版：${documents} 份文件，${chunks} 段\n`);
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

knowledge
  .command("search")
  .description("检索，和对话用的是同一条路；--corpus 检索别的 JSONL 资料")
  .argument("[text]", "检索的话")
  .option("--top <n>", "要几条", wholeNumber, 10)
  .option("--json", "输出 JSON", false)
  .option("--all", "连已失效的和别处的也要", false)
  .option("--corpus <file>", "JSONL（可 .gz），每行 {id, text, …}，只放在内存里")
  .option("--batch <file>", "JSONL，每行有 question（或 text），可有 id")
  .action(
    async (
      text: string | undefined,
      options: { top: number; json: boolean; all: boolean; corpus?: string; batch?: string },
    ) => {
      if (options.corpus !== undefined) {
        await searchCorpus(
          { ...options, corpus: options.corpus, ...(text === undefined ? {} : { text }) },
          await createTools(config),
          streams,
          stopped.signal,
        );
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
    },
  );

defineAdminCommands(program.command("admin").description("管理：入口、渠道、消息的去向、其他系统"), {
  run: (name, args) => runAdminCommand(config, logger, name, args, stopped.signal),
  transfer: (kind, file) =>
    runTransfer(config, logger, kind, file, (part, count) => showProgress(`${part} ${count}`)).finally(
      clearProgress,
    ),
  out: streams.out,
});

function run<Name extends keyof KnowledgeResults>(
  name: Name,
  args: unknown,
): Promise<KnowledgeResults[Name]> {
  const onProgress = (update: Readonly<Record<string, unknown>>) =>
    showProgress(progressBar(update as unknown as ReloadProgress));
  return runKnowledgeCommand(config, logger, name, args, onProgress, stopped.signal)
    .catch((error: unknown) => {
      if (!stopped.signal.aborted) throw error;
      throw new AppError("knowledge.reload_failed", "已取消，原来的资料继续使用", { cause: error });
    })
    .finally(clearProgress);
}

/** One line of progress, drawn over the former one; nothing where nobody watches. */
function showProgress(line: string): void {
  if (process.stderr.isTTY) streams.err(`\r\u001b[2K${line}`);
}

function clearProgress(): void {
  showProgress("");
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1_000)
    throw new InvalidArgumentError("要一个 1 到 1000 的整数");
  return value;
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  streams.err(`${messageOf(error)}\n`);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
}
