import { Counter, Gauge, type Registry } from "prom-client";

export const channelStates = ["starting", "ready", "degraded", "down", "standby"] as const;

/** Figures of the messages' way: what comes in, what waits, what goes out, and how the channels are. */
export interface RoadMetrics {
  /** `flood`: beyond what one contact may send in a minute; it was not stored. */
  received(channel: string, outcome: "stored" | "duplicate" | "applied" | "ignored" | "flood"): void;
  /** A message was set aside: it could not be answered. */
  setAside(): void;
  /** Another process took over what this one worked on. `send:telegram` counts as `send`. */
  leaseLost(kind: string): void;
  /** A delivery's ledger ended. `repeat`: the platform may have got it twice, and it was marked. */
  deliveryEnded(channel: string, state: string, repeat: boolean): void;
  waitingTurns(count: number): void;
  waitingDeliveries(channel: string, count: number, oldestSeconds: number): void;
  channelState(channel: string, state: (typeof channelStates)[number]): void;
  channelDownSeconds(channel: string, seconds: number): void;
}

export function createRoadMetrics(registry: Registry): RoadMetrics {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: string[] = []) =>
    new Counter({ name: `niangjia_${name}`, help, labelNames, registers });
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name: `niangjia_${name}`, help, labelNames, registers });

  const received = counter("messages_received_total", "What channels handed in, by what became of it.", [
    "channel",
    "outcome",
  ]);
  const setAside = counter("messages_set_aside_total", "Messages that could not be answered.");
  const leasesLost = counter("leases_lost_total", "Work that another process took over, by its kind.", [
    "kind",
  ]);
  const deliveries = counter("deliveries_total", "Messages whose ledger ended, by its state.", [
    "channel",
    "state",
  ]);
  const repeats = counter("deliveries_repeated_total", "Messages that went out marked as a repeat.", [
    "channel",
  ]);
  const waitingTurns = gauge("waiting_turns", "Conversations that wait for a place to be answered.");
  const waiting = gauge(
    "waiting_deliveries",
    "Contacts for whom messages wait to go out, of all processes.",
    ["channel"],
  );
  const oldest = gauge("oldest_delivery_seconds", "How long the oldest of them has waited.", ["channel"]);
  const state = gauge("channel_state", "1 for the state that a channel is in here, 0 for the others.", [
    "channel",
    "state",
  ]);
  const down = gauge("channel_down_seconds", "How long a channel has not worked here; 0 while it does.", [
    "channel",
  ]);

  return {
    received: (channel, outcome) => received.inc({ channel, outcome }),
    setAside: () => setAside.inc(),
    leaseLost: (kind) => leasesLost.inc({ kind: kind.split(":", 1)[0] ?? kind }),
    deliveryEnded: (channel, end, repeat) => {
      deliveries.inc({ channel, state: end });
      if (repeat) repeats.inc({ channel });
    },
    waitingTurns: (count) => waitingTurns.set(count),
    waitingDeliveries: (channel, count, oldestSeconds) => {
      waiting.set({ channel }, count);
      oldest.set({ channel }, oldestSeconds);
    },
    channelState: (channel, current) => {
      for (const each of channelStates) state.set({ channel, state: each }, each === current ? 1 : 0);
    },
    channelDownSeconds: (channel, seconds) => down.set({ channel }, seconds),
  };
}
