import type { DeliveryState } from "./delivery.ts";

/** The part of the service's logger that the road needs. Message texts and platform ids never reach it. */
export interface RoadLogger {
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

/** Figures of the road, for the metrics. */
export interface RoadObserver {
  /** `flood`: beyond what one contact may send in a minute; it was not stored. */
  received(channel: string, outcome: "stored" | "duplicate" | "applied" | "ignored" | "flood"): void;
  turnEnded(turn: { readonly state: string; readonly handOver: string; readonly seconds: number }): void;
  turnFailed(): void;
  /** A message was set aside: it could not be answered. */
  setAside(channel: string): void;
  /** Another process took over what this one worked on. */
  leaseLost(kind: string): void;
  deliveryEnded(channel: string, state: DeliveryState, repeat: boolean): void;
  waitingTurns(count: number): void;
}
