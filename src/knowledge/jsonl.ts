import { createReadStream } from "node:fs";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { StringDecoder } from "node:string_decoder";
import { createGunzip } from "node:zlib";
import { AppError, messageOf } from "../errors.ts";

/** One line of a JSONL file that is not blank: its record, or why it has none. */
export interface JsonLine {
  /** Counted from 1. */
  readonly number: number;
  readonly record?: Readonly<Record<string, unknown>>;
  readonly fault?: string;
}

/**
 * Lines of a JSONL file, in order; `.gz` is unpacked on the way. `number` counts every line of the file; blank
 * ones are passed over. A line that is no JSON object comes with its fault. Throws `http.bad_request` where the file
 * cannot be read.
 */
export async function* readJsonLines(file: string): AsyncGenerator<JsonLine> {
  let number = 0;
  for await (const line of linesOf(file)) {
    number++;
    if (line.trim() === "") continue;
    yield { number, ...parseLine(line) };
  }
}

/** Records of a JSONL file. Throws `http.bad_request` naming the first line that is none. */
export async function* readJsonl(file: string): AsyncGenerator<Readonly<Record<string, unknown>>> {
  for await (const line of readJsonLines(file)) {
    if (line.record === undefined)
      throw new AppError("http.bad_request", `${file} 第 ${line.number} 行${line.fault}`);
    yield line.record;
  }
}

function parseLine(line: string): Omit<JsonLine, "number"> {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return { fault: "不是 JSON" };
  }
  if (typeof record !== "object" || record === null || Array.isArray(record))
    return { fault: "不是 JSON 对象（{…}）" };
  return { record: record as Record<string, unknown> };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  try {
    for await (const bytes of contentOf(file)) {
      const lines = (rest + decoder.write(bytes)).split(/\r?\n/u);
      rest = lines.pop() ?? "";
      yield* lines;
    }
  } catch (cause) {
    throw new AppError("http.bad_request", `读不了 ${file}：${faultOf(cause)}`, { cause });
  }
  rest += decoder.end();
  if (rest !== "") yield rest;
}

function contentOf(file: string): Readable {
  const raw = createReadStream(file);
  if (!file.endsWith(".gz")) return raw;
  const unpacked = createGunzip();
  // A failure of the file reaches the reader through the stream that it reads.
  pipeline(raw, unpacked).catch((error: unknown) => unpacked.destroy(error as Error));
  return unpacked;
}

function faultOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ENOENT") return "没有这个文件";
  if (code.startsWith("Z_")) return "压缩文件已损坏或不完整";
  return messageOf(error);
}
