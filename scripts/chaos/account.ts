/** What became of the messages of one contact. */
export interface Account {
  received: number;
  answered: number;
  lost: number;
  outOfOrder: number;
  /** Replies that came more than once. */
  repeated: number;
  /** Of them, those that did not say so. */
  unmarked: number;
  /** What must not be, one line each. */
  readonly faults: Fault[];
}

export interface Fault {
  readonly what: string;
  /** The text of the message. */
  readonly name: string;
}

export const emptyAccount = (): Account => ({
  received: 0,
  answered: 0,
  lost: 0,
  outOfOrder: 0,
  repeated: 0,
  unmarked: 0,
  faults: [],
});

const mark = /^（重发）/u;
const echoed = /回 (\S+)/u;

/**
 * Holds what a contact was shown against what the service had stored of them, in its order. A reply that is repeated
 * says so; where the first of two was never seen by the service as delivered, the second is the repeat.
 */
export function accountFor(stored: readonly string[], shown: readonly string[]): Account {
  const account = { ...emptyAccount(), received: stored.length };
  const places = new Map(stored.map((name, place) => [name, place]));
  const seen = new Set<string>();
  let last = -1;
  for (const text of shown) {
    const name = echoed.exec(text)?.[1];
    if (name === undefined) continue;
    if (seen.has(name)) {
      account.repeated += 1;
      if (!mark.test(text)) {
        account.unmarked += 1;
        account.faults.push({ what: "repeated without a mark", name });
      }
      continue;
    }
    seen.add(name);
    const at = places.get(name) ?? -1;
    if (at < last) {
      account.outOfOrder += 1;
      account.faults.push({ what: "its reply came late", name });
    }
    last = Math.max(last, at);
  }
  const lost = stored.filter((name) => !seen.has(name));
  account.answered = seen.size;
  account.lost = lost.length;
  account.faults.push(...lost.map((name) => ({ what: "without a reply", name })));
  return account;
}

export function addUp(accounts: readonly Account[]): Account {
  const sum = emptyAccount();
  for (const account of accounts) {
    for (const key of ["received", "answered", "lost", "outOfOrder", "repeated", "unmarked"] as const)
      sum[key] += account[key];
    sum.faults.push(...account.faults);
  }
  return sum;
}
