/**
 * What admins are told at once. `channel.*` and `outbox.stuck`: see `channels/channel-watch.ts`; `message.set_aside`:
 * a contact's message could not be answered.
 */
export interface Alert {
  readonly type: "channel.down" | "channel.back" | "outbox.stuck" | "message.set_aside";
  readonly channel: string;
  /** ISO timestamp. */
  readonly since: string;
  readonly state?: string;
  readonly reason?: string;
  readonly awaySeconds?: number;
  readonly waiting?: number;
  /** Of several alike within a short time: how many this one stands for. */
  readonly count?: number;
}

/** An alert as it goes out, with a line in Chinese for people. */
export type OutgoingAlert = Alert & { readonly text: string };

/** One way to the admins. Rejects where it did not take the alert: it is tried again. */
export interface AlertWay {
  readonly name: string;
  deliver(alert: OutgoingAlert, signal: AbortSignal): Promise<void>;
}
