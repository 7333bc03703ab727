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
}

export const emptyAccount = (): Account => ({
  received: 0,
  answered: 0,
  lost: 0,
  outOfOrder: 0,
  repeated: 0,
  unmarked: 0,
});

const mark = /^（重发）/u;
const echoed = /回 (\S+)/u;

/**
 * Holds what a contact was shown against what the service had stored of them, in its order. A reply that is repeated
 * says so; where the first of two was never seen by the service as delivered, the second is the repeat.
 */
export function accountFor(stored: readonly string[], shown: readonly string[]): Account {
  const account = { ...emptyAccount(), received: stored.length };
  const seen = new Set<string>();
  let last = -1;
  for (const text of shown) {
    const name = echoed.exec(text)?.[1];
    if (name === undefined) continue;
    if (seen.has(name)) {
      account.repeated += 1;
      if (!mark.test(text)) account.unmarked += 1;
      continue;
    }
    seen.add(name);
    const at = stored.indexOf(name);
    if (at < last) account.outOfOrder += 1;
    last = Math.max(last, at);
  }
  account.answered = seen.size;
  account.lost = stored.filter((name) => !seen.has(name)).length;
  return account;
}

export function addUp(accounts: readonly Account[]): Account {
  const sum = emptyAccount();
  for (const account of accounts) {
    for (const key of Object.keys(sum) as (keyof Account)[]) sum[key] += account[key];
  }
  return sum;
}
