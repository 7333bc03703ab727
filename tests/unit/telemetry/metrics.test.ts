import { describe, expect, it } from "vitest";
import { createMetrics } from "../../../src/telemetry/metrics.ts";

describe("createMetrics", () => {
  it("exposes turns, requests, reloads, chunks, streams and the build", async () => {
    const metrics = createMetrics({ version: "1.2.3" });
    metrics.turnEnded({ state: "grounded", handOver: "none", seconds: 0.02 });
    metrics.turnFailed();
    metrics.httpRequest({ method: "GET", route: "/api/about", status: 200, seconds: 0.001 });
    metrics.reloadEnded("failed");
    metrics.indexChunks(42);
    metrics.streamOpened();
    metrics.streamOpened();
    metrics.streamClosed();
    const { text, contentType } = await metrics.expose();
    expect(contentType).toContain("text/plain");
    for (const line of [
      'niangjia_turns_total{state="grounded",hand_over="none"} 1',
      'niangjia_turn_duration_seconds_bucket{le="0.025"} 1',
      "niangjia_turn_errors_total 1",
      'niangjia_http_request_duration_seconds_count{method="GET",route="/api/about",status="200"} 1',
      'niangjia_knowledge_reloads_total{outcome="failed"} 1',
      "niangjia_index_chunks 42",
      "niangjia_event_streams 1",
      `niangjia_build_info{version="1.2.3",node="${process.version}"} 1`,
    ]) {
      expect(text).toContain(line);
    }
  });

  it("shares nothing between two services in one process", async () => {
    const first = createMetrics({ version: "1" });
    const second = createMetrics({ version: "1" });
    first.turnFailed();
    expect((await second.expose()).text).toContain("niangjia_turn_errors_total 0");
  });
});
