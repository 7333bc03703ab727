import { AppError } from "../errors.ts";
import type { LaneClaim, LaneStore } from "../messaging/lane-store.ts";

export interface ReplicaLeaseOptions {
  readonly lanes: Pick<LaneStore, "acquire" | "renew" | "release" | "held">;
  /** Names this process among all that share the database. */
  readonly owner: string;
  /** Whether no other process may live on this database, because its files would be out of reach for it. */
  readonly alone: boolean;
  /** Removes what processes that ended left behind. */
  readonly forgetEnded: () => Promise<void>;
  readonly logger: {
    info(details: Readonly<Record<string, unknown>>, message: string): void;
    warn(details: Readonly<Record<string, unknown>>, message: string): void;
  };
  /** Milliseconds of a lease, renewed three times as often. Default 6 000. */
  readonly leaseMs?: number;
}

export interface ReplicaLease {
  /** Tells the other processes that this one has ended. */
  stop(): Promise<void>;
}

/**
 * Tells all processes on the database that this one lives, until it is stopped. Rejects with `files.unavailable`
 * where it must be alone and another one lives. One that was killed a moment ago still looks alive: that is waited
 * for, one lease at most. Of two that start at the same moment neither begins.
 */
export async function holdReplicaLease(options: ReplicaLeaseOptions): Promise<ReplicaLease> {
  const { lanes, owner, alone, forgetEnded, logger, leaseMs = 6_000 } = options;
  await forgetEnded();
  const acquire = () => lanes.acquire("replica", owner, owner, leaseMs);
  let claim: LaneClaim | undefined = await acquire();
  let renewing: Promise<void> = Promise.resolve();

  async function renew(): Promise<void> {
    try {
      const kept = claim === undefined ? [] : await lanes.renew([claim], leaseMs);
      claim = kept[0] ?? (await acquire());
    } catch (err) {
      logger.warn({ err }, "this process could not tell the others that it lives; tried again");
    }
  }

  const timer = setInterval(() => {
    renewing = renewing.then(renew);
  }, leaseMs / 3);
  const stop = async () => {
    clearInterval(timer);
    await renewing;
    try {
      if (claim !== undefined) await lanes.release(claim);
    } catch (err) {
      logger.warn({ err }, "this process could not tell the others that it ends; its lease runs out");
    }
  };
  try {
    if (alone) await waitForOthers(options, leaseMs);
  } catch (error) {
    await stop();
    throw error;
  }
  return { stop };
}

/** Looks often, and a little longer than a lease: who is still there then has renewed it. */
async function waitForOthers({ lanes, owner, logger }: ReplicaLeaseOptions, leaseMs: number): Promise<void> {
  const looks = 12;
  for (let look = 0; ; look += 1) {
    const others = (await lanes.held("replica")).filter((key) => key !== owner);
    if (others.length === 0) return;
    if (look === 0) logger.info({ others: others.length }, "waiting for another process to end");
    if (look >= looks) {
      throw new AppError(
        "files.unavailable",
        "Another process lives on the database of DATABASE_URL, and the files of contacts are kept in a folder " +
          "that it cannot see. Set FILES_URL to a bucket for both, or stop the other process.",
        { details: { others: others.length } },
      );
    }
    await new Promise((resolve) => setTimeout(resolve, leaseMs / 10));
  }
}
