/**
 * A lane is a queue of one key, such as the turns of one conversation, with at most one worker at a time in all
 * processes. Work arms it; a worker claims it with a lease that must be renewed; every claim gets a larger token, so
 * that a worker which lost its lease can change nothing any more.
 *
 * - `turn`, key: conversation id.
 * - `send:<channel>`, key: conversation id.
 * - `channel`, key: channel name. The one process that polls a platform and sends to it.
 * - `webhook`, key: endpoint id.
 * - `replica`, key: process id. Says which processes live.
 */
export type LaneKind = "turn" | `send:${string}` | "channel" | "webhook" | "replica";

export interface LaneClaim {
  readonly kind: LaneKind;
  readonly key: string;
  readonly owner: string;
  readonly token: number;
  /** How often it was claimed since its work last ended well; this claim included. */
  readonly attempts: number;
}

export interface LaneStore {
  /** Claims due lanes of the kind that nobody holds, those that wait longest first. */
  claim(kind: LaneKind, owner: string, limit: number, leaseMs: number): Promise<LaneClaim[]>;
  /** Claims this lane, due or not, made where there is none; undefined while another owner holds it. */
  acquire(kind: LaneKind, key: string, owner: string, leaseMs: number): Promise<LaneClaim | undefined>;
  /** Renews leases; resolves to the claims that still hold. */
  renew(claims: readonly LaneClaim[], leaseMs: number): Promise<LaneClaim[]>;
  /**
   * Gives a lane back. `again: ms` makes it due in so many milliseconds and keeps counting attempts, without this one
   * where it is `untried`; without `again` the work ended well, and the lane is due only where it was armed since the
   * claim. False where the claim was lost.
   */
  release(
    claim: LaneClaim,
    options?: { readonly again?: number; readonly untried?: boolean },
  ): Promise<boolean>;
  /** Makes a lane due in `delayMs`, or leaves it due earlier. */
  arm(kind: LaneKind, key: string, delayMs: number): Promise<void>;
  /** Milliseconds until the next lane that nobody holds is due, at least 0; undefined where none waits. */
  nextDueIn(kind: LaneKind): Promise<number | undefined>;
  /** How many lanes are due now. */
  countDue(kind: LaneKind): Promise<number>;
  /** Keys of lanes of this kind whose lease holds. */
  held(kind: LaneKind): Promise<string[]>;
  /** Ends every lease: for a process that is alone on its database and has just started. */
  releaseAll(): Promise<void>;
}
