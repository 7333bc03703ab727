import { Worker } from "node:worker_threads";
import { AppError } from "../../errors.ts";
import type { DocumentFormat, FormatContent, SourceFile } from "./document-format.ts";
import { limits } from "./limits.ts";
import { refuseDocument } from "./refuse-document.ts";

export interface WorkerTask {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly format: DocumentFormat;
}

/** Errors lose their class between threads, so an outcome crosses as plain data. */
export type WorkerReply =
  | { readonly content: FormatContent }
  | { readonly refused: { readonly message: string; readonly details: Readonly<Record<string, unknown>> } }
  | { readonly failed: string };

/** What a reading may cost; a test sets it lower. */
export interface WorkerLimits {
  readonly heapMb: number;
  readonly bufferBytes: number;
  readonly ms: number;
}

const defaults: WorkerLimits = {
  heapMb: limits.workerHeapMb,
  bufferBytes: limits.workerBufferBytes,
  ms: limits.workerMs,
};

/**
 * Reads a file in a thread of its own, so that a hostile file costs at most its memory and time limits and never
 * the service. The thread ends in every case, also when `signal` fires.
 *
 * @throws AppError `knowledge.document_refused`, or the reason of `signal`.
 */
export async function extractInWorker(
  file: SourceFile,
  format: DocumentFormat,
  signal?: AbortSignal,
  bounds: WorkerLimits = defaults,
): Promise<FormatContent> {
  signal?.throwIfAborted();
  const task: WorkerTask = { name: file.name, bytes: file.bytes, format };
  const worker = new Worker(new URL("./extract-worker.ts", import.meta.url), {
    workerData: task,
    execArgv: [],
    // What a parser prints about a damaged file belongs in no output of ours.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: bounds.heapMb },
  });
  const stopped = Promise.withResolvers<never>();
  const abort = () => stopped.reject(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  const clock = setTimeout(() => stopped.reject(tooComplex(file.name, "读取超过时间限制")), bounds.ms);
  const watch = watchBuffers(worker, bounds.bufferBytes, () =>
    stopped.reject(tooComplex(file.name, "读取占用内存过多")),
  );
  try {
    return unpack(await Promise.race([replyOf(worker, file.name), stopped.promise]), file.name);
  } finally {
    signal?.removeEventListener("abort", abort);
    clearTimeout(clock);
    clearInterval(watch);
    await worker.terminate();
  }
}

function replyOf(worker: Worker, name: string): Promise<WorkerReply> {
  return new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", (error: NodeJS.ErrnoException) => {
      const outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      reject(outOfMemory ? tooComplex(name, "读取占用内存过多") : damaged(name, error));
    });
    worker.once("exit", () => reject(damaged(name)));
  });
}

/** Buffers stand outside the heap that the thread's own limit bounds: a bomb inside a PDF inflates there. */
function watchBuffers(worker: Worker, most: number, onPassed: () => void): NodeJS.Timeout {
  return setInterval(async () => {
    // Rejected when the thread has ended in the meantime; then there is nothing left to watch.
    const statistics = await worker.getHeapStatistics().catch(() => undefined);
    if (statistics !== undefined && statistics.external_memory > most) onPassed();
  }, 100);
}

function unpack(reply: WorkerReply, name: string): FormatContent {
  if ("content" in reply) return reply.content;
  if ("failed" in reply) throw damaged(name, new Error(reply.failed));
  throw new AppError("knowledge.document_refused", reply.refused.message, {
    details: { ...reply.refused.details },
  });
}

function tooComplex(name: string, what: string): AppError {
  return refuseDocument(name, "too_complex", `${what}，已停止；请拆分或重新导出为 docx、txt 后上传`);
}

function damaged(name: string, cause?: unknown): AppError {
  return refuseDocument(name, "damaged", "文件内容已损坏，无法读取，请重新导出后上传", cause);
}
