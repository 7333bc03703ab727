/** Entry of the reading thread: reads the one file of its `workerData`, answers once and ends. */
import { parentPort, workerData } from "node:worker_threads";
import { AppError, messageOf } from "../../errors.ts";
import type { WorkerReply, WorkerTask } from "./extract-in-worker.ts";
import { formatReaders } from "./format-readers.ts";

const { name, bytes, format } = workerData as WorkerTask;

async function reply(): Promise<WorkerReply> {
  try {
    const reader = await formatReaders[format]();
    return { content: await reader.read({ name, bytes }) };
  } catch (error) {
    if (error instanceof AppError) return { refused: { message: error.message, details: error.details } };
    return { failed: messageOf(error) };
  }
}

parentPort?.postMessage(await reply());
