import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import type { GroundedAnswer } from "../../answering/grounded-answer.ts";
import { printAnswer } from "./print-answer.ts";

export interface TerminalChatOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether a prompt is shown. */
  readonly interactive: boolean;
  /** Said at the start: what this is, and how to leave. */
  readonly greeting: string;
  readonly reply: (
    message: string,
    earlier: readonly string[],
    signal: AbortSignal,
  ) => Promise<GroundedAnswer>;
}

const goodbyes = new Set(["退出", "再见", "exit", "quit", "q"]);

/** A conversation at the terminal, kept only as long as it runs. Ends at the end of input or with 退出. */
export async function terminalChat({
  input,
  output,
  interactive,
  greeting,
  reply,
}: TerminalChatOptions): Promise<void> {
  const lines = createInterface({ input, output, terminal: interactive, prompt: "您：" });
  lines.on("SIGINT", () => lines.close());
  output.write(`${greeting}\n\n`);
  if (interactive) lines.prompt();
  const earlier: string[] = [];
  for await (const line of lines) {
    const message = line.trim();
    if (goodbyes.has(message.toLowerCase())) break;
    if (message !== "") {
      output.write(`\n${printAnswer(await reply(message, earlier, new AbortController().signal))}\n`);
      earlier.push(message);
    }
    if (interactive) lines.prompt();
  }
  lines.close();
  output.write("再见，有事随时来问。\n");
}
