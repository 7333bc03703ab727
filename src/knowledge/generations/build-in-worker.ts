import { Worker } from "node:worker_threads";
import type { EmbedderSettings } from "../embedding/create-embedder.ts";
import type { IndexEntry } from "../retrieval/index-entries.ts";
import type { StoredDocument } from "./base-index.ts";
import { buildFailed } from "./build-failed.ts";
import type { BuildProgress } from "./build-index.ts";
import type { IndexIdentity } from "./generation-files.ts";

/** Everything that a worker thread needs to build and write one index. */
export interface BuildOrder {
  readonly root: string;
  readonly generation: number;
  readonly identity: IndexIdentity;
  /** Whose entries these are, in their order. */
  readonly documents: readonly StoredDocument[];
  readonly entries: readonly IndexEntry[];
  /** Vectors that need not be computed again, by entry. */
  readonly known: ReadonlyMap<number, Float32Array>;
  readonly embedder: EmbedderSettings;
}

/** What the worker thread is given: the order, and the two marks of `BuildMarks` in memory that both sides see. */
export interface BuildTask {
  readonly order: BuildOrder;
  readonly marks: SharedArrayBuffer;
}

/**
 * How a build is ended. The native vector index brings the whole process down when its thread is ended inside of
 * it: from there on the thread looks for the wish to stop itself, before that it is simply ended.
 */
export class BuildMarks {
  readonly #marks: Int32Array;

  constructor(memory: SharedArrayBuffer = new SharedArrayBuffer(8)) {
    this.#marks = new Int32Array(memory);
  }

  get memory(): SharedArrayBuffer {
    return this.#marks.buffer as SharedArrayBuffer;
  }

  /** Marks the wish to stop; true where the thread may be ended from outside. */
  stop(): boolean {
    Atomics.store(this.#marks, 0, 1);
    return Atomics.load(this.#marks, 1) === 0;
  }

  /** To be called by the thread before native code begins and between its steps. Throws where it is to stop. */
  insideNative(): void {
    Atomics.store(this.#marks, 1, 1);
    if (Atomics.load(this.#marks, 0) === 1) throw new Error("the build was stopped");
  }
}

export type BuildReport =
  | {
      readonly kind: "progress";
      readonly stage: Parameters<BuildProgress>[0];
      readonly done: number;
      readonly total: number;
    }
  | { readonly kind: "done"; readonly embedded: ReadonlyMap<number, Float32Array> };

/**
 * Builds an index beside the running one, in a thread of its own, so that chat goes on. Resolves to the vectors that
 * were computed. Throws `knowledge.reload_failed`; an abort ends the thread and leaves nothing that would be loaded.
 */
export function buildInWorker(
  order: BuildOrder,
  onProgress: BuildProgress,
  signal?: AbortSignal,
): Promise<ReadonlyMap<number, Float32Array>> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const marks = new BuildMarks();
    const worker = new Worker(new URL("./build-worker.ts", import.meta.url), {
      workerData: { order, marks: marks.memory } satisfies BuildTask,
    });
    const stop = () => {
      if (marks.stop()) void worker.terminate();
    };
    signal?.addEventListener("abort", stop, { once: true });
    const fail = (cause: unknown) => reject(signal?.aborted === true ? signal.reason : buildFailed(cause));
    worker.on("message", (report: BuildReport) => {
      if (report.kind === "progress") onProgress(report.stage, report.done, report.total);
      else if (signal?.aborted === true) reject(signal.reason);
      else resolve(report.embedded);
    });
    worker.on("error", fail);
    worker.on("exit", (code) => {
      signal?.removeEventListener("abort", stop);
      // Settles nothing where the report or an error has come before.
      fail(new Error(`the worker thread ended early with code ${code}`));
    });
  });
}
