import type { ResponseParameters } from "grammy/types";

/** What may be done to a call instead of answering it well. */
export type Fault =
  | { readonly kind: "tooManyRequests"; readonly retryAfter: number }
  | { readonly kind: "serverError" }
  /** The connection is kept open for a while, then cut. `delivers`: the call took effect all the same. */
  | { readonly kind: "timeout"; readonly delivers: boolean }
  /** Any other answer of the Bot API. */
  | {
      readonly kind: "refusal";
      readonly code: number;
      readonly description: string;
      readonly parameters?: ResponseParameters;
    }
  /** An answer that is not the Bot API's. */
  | { readonly kind: "page"; readonly status: number; readonly body: string };

export interface FaultOptions {
  readonly seed?: number;
  /** Shares of the calls, from 0 to 1. */
  readonly tooManyRequests?: number;
  readonly serverError?: number;
  readonly timeout?: number;
  /** Seconds, a whole number of at least 1. Default 1. */
  readonly retryAfter?: number;
  /** Methods that chance strikes. Default: those that show something to people. */
  readonly methods?: readonly string[];
}

export interface FaultCounts {
  tooManyRequests: number;
  serverError: number;
  timeoutDelivered: number;
  timeoutLost: number;
  refusal: number;
  page: number;
}

/** Decides which calls fail: those that a test names, then by a seeded chance. */
export class Faults {
  readonly counts: FaultCounts = {
    tooManyRequests: 0,
    serverError: 0,
    timeoutDelivered: 0,
    timeoutLost: 0,
    refusal: 0,
    page: 0,
  };
  readonly #named = new Map<string, Fault[]>();
  readonly #methods: ReadonlySet<string>;
  readonly #random: () => number;
  #shares: FaultOptions;

  constructor(options: FaultOptions = {}) {
    this.#shares = options;
    this.#random = seededRandom(options.seed ?? 1);
    const usual = ["sendMessage", "sendPhoto", "sendDocument", "editMessageText"];
    this.#methods = new Set((options.methods ?? usual).map((method) => method.toLowerCase()));
  }

  /** The next calls of a method fail like this, before chance has its turn. */
  failNext(method: string, ...faults: readonly Fault[]): void {
    const key = method.toLowerCase();
    this.#named.set(key, [...(this.#named.get(key) ?? []), ...faults]);
  }

  /** From now on chance strikes with these shares. */
  setShares(shares: Pick<FaultOptions, "tooManyRequests" | "serverError" | "timeout" | "retryAfter">): void {
    this.#shares = { ...this.#shares, ...shares };
  }

  /** What happens to this call. */
  take(method: string): Fault | undefined {
    const fault = this.#named.get(method)?.shift() ?? this.#byChance(method);
    if (fault?.kind === "timeout") this.counts[fault.delivers ? "timeoutDelivered" : "timeoutLost"] += 1;
    else if (fault !== undefined) this.counts[fault.kind] += 1;
    return fault;
  }

  #byChance(method: string): Fault | undefined {
    if (!this.#methods.has(method)) return undefined;
    const { tooManyRequests = 0, serverError = 0, timeout = 0, retryAfter = 1 } = this.#shares;
    const at = this.#random();
    if (at < tooManyRequests) return { kind: "tooManyRequests", retryAfter };
    if (at < tooManyRequests + serverError) return { kind: "serverError" };
    if (at < tooManyRequests + serverError + timeout)
      return { kind: "timeout", delivers: this.#random() < 0.5 };
    return undefined;
  }
}

/** A reproducible row of numbers from 0 to 1: a linear congruential generator over 48 bits. */
export function seededRandom(seed: number): () => number {
  const modulus = 2n ** 48n;
  let state = (BigInt(Math.trunc(seed)) * 0x5deece66dn + 0xbn) % modulus;
  if (state < 0n) state += modulus;
  return () => {
    state = (state * 0x5deece66dn + 0xbn) % modulus;
    return Number(state >> 16n) / 2 ** 32;
  };
}
