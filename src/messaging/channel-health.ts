/** `degraded`: it works, but not as it should; `reason` says what is wrong. */
export type ChannelState = "starting" | "ready" | "degraded" | "down";

export interface ChannelHealth {
  readonly state: ChannelState;
  /** For `degraded` and `down`: why, without personal data and secrets. */
  readonly reason?: string;
  /** ISO timestamp: since when it is in this state. */
  readonly since: string;
}
