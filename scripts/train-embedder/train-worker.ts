import { workerData } from "node:worker_threads";
import type { SharedModel } from "./shared-model.ts";
import { TrainStep } from "./train-step.ts";

const { model, rank } = workerData as { model: SharedModel; rank: number };
const step = new TrainStep(model, rank);
// The main thread ends this one when the run is over.
for (;;) step.run();
