/** Milliseconds after which what was shown is confirmed: several messages at once cost one call. */
const standardDelay = 1_000;

export interface ReceiptsOptions {
  /** Says to the service that everything up to this `seq` was shown. */
  readonly confirm: (seq: number) => Promise<void>;
  readonly delayMs?: number;
}

/**
 * Confirms what was shown while a stream brings it; where the list is asked for, its cursor says the same. What
 * could not be said is said again, ever more seldom.
 */
export interface Receipts {
  /** Everything up to this `seq` stands on the screen. */
  shown(seq: number): void;
  /** The service knows it already, by a cursor. */
  confirmed(seq: number): void;
  /** Another conversation begins: its numbers are its own. */
  reset(): void;
}

export function createReceipts({ confirm, delayMs = standardDelay }: ReceiptsOptions): Receipts {
  let shownSeq = 0;
  let confirmedSeq = 0;
  let isScheduled = false;

  const schedule = (wait: number) => {
    if (isScheduled || shownSeq <= confirmedSeq) return;
    isScheduled = true;
    setTimeout(() => void send(wait), wait);
  };
  const send = async (wait: number) => {
    const seq = shownSeq;
    let next = delayMs;
    if (seq > confirmedSeq) {
      try {
        await confirm(seq);
        confirmedSeq = Math.max(confirmedSeq, seq);
      } catch {
        next = wait * 4;
      }
    }
    isScheduled = false;
    schedule(next);
  };
  return {
    shown(seq) {
      shownSeq = Math.max(shownSeq, seq);
      schedule(delayMs);
    },
    confirmed(seq) {
      confirmedSeq = Math.max(confirmedSeq, seq);
    },
    reset() {
      shownSeq = 0;
      confirmedSeq = 0;
    },
  };
}
