import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { createRoadMetrics, type RoadMetrics } from "./road-metrics.ts";

export interface HttpObservation {
  readonly method: string;
  /** The route's pattern, such as /api/passages/{chunkId}: never an address with ids in it. */
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
}

export interface TurnObservation {
  /** Of the answer; `none` for a reply without one. */
  readonly state: string;
  readonly handOver: string;
  readonly seconds: number;
}

/** The service's figures. Labels come from closed sets: no text, no id and no address of a person. */
export interface Metrics extends RoadMetrics {
  httpRequest(observation: HttpObservation): void;
  turnEnded(observation: TurnObservation): void;
  /** A turn's attempt threw. */
  turnFailed(): void;
  reloadEnded(outcome: "ok" | "failed"): void;
  indexChunks(count: number): void;
  streamOpened(): void;
  streamClosed(): void;
  /** The exposition text for Prometheus with its content type. */
  expose(): Promise<{ text: string; contentType: string }>;
}

const turnBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30];

/** Figures in a registry of their own: two services in one process do not share any. */
export function createMetrics({ version }: { version: string }): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const http = new Histogram({
    name: "niangjia_http_request_duration_seconds",
    help: "Duration of HTTP requests until the response begins.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const turns = new Counter({
    name: "niangjia_turns_total",
    help: "Turns that ended, by what the answer rests on and who continues.",
    labelNames: ["state", "hand_over"],
    registers,
  });
  const turnDuration = new Histogram({
    name: "niangjia_turn_duration_seconds",
    help: "Duration of a turn from its start to the stored reply.",
    buckets: turnBuckets,
    registers,
  });
  const turnErrors = new Counter({
    name: "niangjia_turn_errors_total",
    help: "Attempts at a turn that threw.",
    registers,
  });
  const reloads = new Counter({
    name: "niangjia_knowledge_reloads_total",
    help: "Reloads of the knowledge by outcome.",
    labelNames: ["outcome"],
    registers,
  });
  const chunks = new Gauge({
    name: "niangjia_index_chunks",
    help: "Chunks in the index generation that serves.",
    registers,
  });
  const streams = new Gauge({
    name: "niangjia_event_streams",
    help: "Open event streams of web pages.",
    registers,
  });
  new Gauge({
    name: "niangjia_build_info",
    help: "Always 1; the labels say what runs.",
    labelNames: ["version", "node"],
    registers,
  }).set({ version, node: process.version }, 1);

  return {
    ...createRoadMetrics(registry),
    httpRequest: ({ method, route, status, seconds }) => http.observe({ method, route, status }, seconds),
    turnEnded: ({ state, handOver, seconds }) => {
      turns.inc({ state, hand_over: handOver });
      turnDuration.observe(seconds);
    },
    turnFailed: () => turnErrors.inc(),
    reloadEnded: (outcome) => reloads.inc({ outcome }),
    indexChunks: (count) => chunks.set(count),
    streamOpened: () => streams.inc(),
    streamClosed: () => streams.dec(),
    expose: async () => ({ text: await registry.metrics(), contentType: registry.contentType }),
  };
}
