import { parentPort, workerData } from "node:worker_threads";
import { createEmbedder } from "../embedding/create-embedder.ts";
import { openVectorEngine } from "../retrieval/open-vector-index.ts";
import { Tokenizer } from "../retrieval/tokenizer.ts";
import { BuildMarks, type BuildReport, type BuildTask } from "./build-in-worker.ts";
import { buildIndex } from "./build-index.ts";
import { GenerationFiles } from "./generation-files.ts";
import { vectorsElsewhere } from "./vectors-elsewhere.ts";

const port = parentPort;
if (port === null) throw new Error("build-worker.ts runs only as a worker thread");
const task = workerData as BuildTask;
const { order } = task;
const marks = new BuildMarks(task.marks);

const tokenizer = new Tokenizer();
const embedder = createEmbedder(order.embedder, tokenizer);
const engine = order.identity.engine === "pgvector" ? vectorsElsewhere : await openVectorEngine();
const report = (message: BuildReport, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

const { index, embedded } = await buildIndex(
  order.entries,
  { tokenizer, embedder, engine },
  (stage, done, total) => {
    if (stage === "vectors") marks.insideNative();
    report({ kind: "progress", stage, done, total });
  },
  order.known,
);
new GenerationFiles(order.root).write(order.generation, index, order.identity, order.documents);
report({ kind: "done", embedded });
