import type { Channel } from "../../src/channels/channel.ts";
import type { ChannelHealth } from "../../src/messaging/channel-health.ts";
import type { LaneStore } from "../../src/messaging/lane-store.ts";

/** Which processes run a channel, as the platform would see it. */
export class Consumers {
  readonly #running = new Set<string>();
  /** Every start and stop, in order. */
  readonly journal: string[] = [];
  /** The most processes that ran it at once. */
  most = 0;

  get running(): readonly string[] {
    return [...this.#running];
  }

  begin(owner: string): void {
    this.#running.add(owner);
    this.journal.push(`${owner} starts`);
    this.most = Math.max(this.most, this.#running.size);
  }

  end(owner: string): void {
    if (this.#running.delete(owner)) this.journal.push(`${owner} stops`);
  }
}

export interface HostedChannelOptions {
  readonly name?: string;
  readonly exclusive?: boolean;
  readonly start?: () => Promise<void>;
  readonly stop?: () => Promise<void>;
}

/** A channel that tells `consumers` when it begins and ends to receive. */
export function hostedChannel(
  owner: string,
  consumers: Consumers,
  { name = "telegram", exclusive = true, start, stop }: HostedChannelOptions = {},
): Channel {
  let health: ChannelHealth = { state: "starting", since: new Date(0).toISOString() };
  return {
    name,
    exclusive,
    capabilities: {
      longestText: 4_096,
      sources: "links",
      quickReplies: "buttons",
      receives: [],
      edits: false,
      deletions: false,
      groups: false,
      typing: false,
      previews: false,
      confirms: false,
    },
    start: async () => {
      await start?.();
      consumers.begin(owner);
      health = { state: "ready", since: new Date().toISOString() };
    },
    stop: async () => {
      await stop?.();
      consumers.end(owner);
    },
    health: () => health,
  };
}

type Lanes = Pick<LaneStore, "acquire" | "renew" | "release">;

/** A way to a lane store that can be cut: calls fail, or never end. */
export function cuttableLanes(lanes: Lanes): Lanes & { cut: "no" | "fails" | "hangs" } {
  const through = <T>(call: () => Promise<T>): Promise<T> => {
    if (way.cut === "fails") return Promise.reject(new Error("the database is away"));
    return way.cut === "hangs" ? new Promise(() => {}) : call();
  };
  const way: Lanes & { cut: "no" | "fails" | "hangs" } = {
    cut: "no",
    acquire: (...args) => through(() => lanes.acquire(...args)),
    renew: (...args) => through(() => lanes.renew(...args)),
    release: (...args) => through(() => lanes.release(...args)),
  };
  return way;
}
