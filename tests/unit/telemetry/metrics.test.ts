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

  it("exposes the messages' way: received, set aside, waiting, delivered, repeated, taken over", async () => {
    const metrics = createMetrics({ version: "1" });
    metrics.received("telegram", "stored");
    metrics.received("telegram", "flood");
    metrics.setAside();
    metrics.leaseLost("send:telegram");
    metrics.leaseLost("turn");
    metrics.deliveryEnded("telegram", "sent", true);
    metrics.deliveryEnded("telegram", "failed", false);
    metrics.waitingTurns(12);
    metrics.waitingDeliveries("telegram", 3, 1.5);
    const { text } = await metrics.expose();
    for (const line of [
      'niangjia_messages_received_total{channel="telegram",outcome="stored"} 1',
      'niangjia_messages_received_total{channel="telegram",outcome="flood"} 1',
      "niangjia_messages_set_aside_total 1",
      'niangjia_leases_lost_total{kind="send"} 1',
      'niangjia_leases_lost_total{kind="turn"} 1',
      'niangjia_deliveries_total{channel="telegram",state="sent"} 1',
      'niangjia_deliveries_total{channel="telegram",state="failed"} 1',
      'niangjia_deliveries_repeated_total{channel="telegram"} 1',
      "niangjia_waiting_turns 12",
      'niangjia_waiting_deliveries{channel="telegram"} 3',
      'niangjia_oldest_delivery_seconds{channel="telegram"} 1.5',
    ])
      expect(text.split("\n")).toContain(line);
  });

  it("shows one state of a channel at a time", async () => {
    const metrics = createMetrics({ version: "1" });
    metrics.channelState("wechat", "down");
    metrics.channelState("wechat", "ready");
    metrics.channelDownSeconds("wechat", 0);
    const { text } = await metrics.expose();
    expect(text.match(/niangjia_channel_state\{.*\} 1/g)).toEqual([
      'niangjia_channel_state{channel="wechat",state="ready"} 1',
    ]);
    expect(text).toContain('niangjia_channel_state{channel="wechat",state="down"} 0');
    expect(text).toContain('niangjia_channel_down_seconds{channel="wechat"} 0');
  });

  it("shares nothing between two services in one process", async () => {
    const first = createMetrics({ version: "1" });
    const second = createMetrics({ version: "1" });
    first.turnFailed();
    expect((await second.expose()).text).toContain("niangjia_turn_errors_total 0");
  });
});
