import type { LaneClaim, LaneStore } from "../messaging/lane-store.ts";

export interface ReplicaLeaseOptions {
  readonly lanes: Pick<LaneStore, "acquire" | "renew" | "release" | "held">;
  /** Names this process among all that share the database. */
  readonly owner: string;
  /** Removes what processes that ended left behind. */
  readonly forgetEnded: () => Promise<void>;
  /** Told when others appear beside this process, and when it is alone again. */
  readonly onChange?: (alone: boolean) => void;
  readonly logger: { warn(details: Readonly<Record<string, unknown>>, message: string): void };
  /** Milliseconds of a lease, renewed three times as often. Default 6 000. */
  readonly leaseMs?: number;
}

export interface ReplicaLease {
  /** Whether no other process lived on the database at the last look, at most a third of a lease ago. */
  alone(): boolean;
  /** Tells the other processes that this one has ended. */
  stop(): Promise<void>;
}

/**
 * Tells all processes on the database that this one lives, until it is stopped, and looks who else does. One that was
 * killed a moment ago still looks alive for a lease.
 */
export async function holdReplicaLease(options: ReplicaLeaseOptions): Promise<ReplicaLease> {
  const { lanes, owner, forgetEnded, onChange, logger, leaseMs = 6_000 } = options;
  await forgetEnded();
  const acquire = () => lanes.acquire("replica", owner, owner, leaseMs);
  let claim: LaneClaim | undefined = await acquire();
  let isAlone = true;
  let renewing: Promise<void> = look();
  await renewing;

  async function look(): Promise<void> {
    const alone = (await lanes.held("replica")).every((key) => key === owner);
    if (alone !== isAlone) onChange?.(alone);
    isAlone = alone;
  }

  async function renew(): Promise<void> {
    try {
      const kept = claim === undefined ? [] : await lanes.renew([claim], leaseMs);
      claim = kept[0] ?? (await acquire());
      await look();
    } catch (err) {
      logger.warn({ err }, "this process could not tell the others that it lives; tried again");
    }
  }

  const timer = setInterval(() => {
    renewing = renewing.then(renew);
  }, leaseMs / 3);
  return {
    alone: () => isAlone,
    stop: async () => {
      clearInterval(timer);
      await renewing;
      try {
        if (claim !== undefined) await lanes.release(claim);
      } catch (err) {
        logger.warn({ err }, "this process could not tell the others that it ends; its lease runs out");
      }
    },
  };
}
