import { resolve } from "node:path";
import { Command } from "commander";
import { createInMemoryKnowledge, createTools, createTurn } from "./app.ts";
import { terminalChat } from "./channels/terminal/chat.ts";
import { defineAdminCommands } from "./cli/admin-program.ts";
import { runTransfer } from "./cli/admin-transfer.ts";
import { ask, type Streams } from "./cli/ask.ts";
import type { KnowledgeResults } from "./cli/knowledge-commands.ts";
import { progressBar } from "./cli/knowledge-output.ts";
import { defineKnowledgeCommands } from "./cli/knowledge-program.ts";
import { runAdminCommand } from "./cli/open-admin.ts";
import { runKnowledgeCommand } from "./cli/open-knowledge.ts";
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

defineKnowledgeCommands(
  program.command("knowledge").description("资料：更新、添加、查看、检索、恢复、更正"),
  { run, createTools: () => createTools(config), streams, signal: stopped.signal },
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

try {
  await program.parseAsync(process.argv);
} catch (error) {
  streams.err(`${messageOf(error)}\n`);
  process.exitCode = stopped.signal.aborted ? 130 : 1;
}
