import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import { AppError } from "../errors.ts";

export interface RateLimiter {
  /** Throws `http.too_many_requests`, with the seconds to wait in `details`, when the key has used up its minute. */
  consume(key: string): Promise<void>;
}

/** Counts per key and minute in this process's memory; a key is forgotten when its minute ends. */
export function createRateLimiter({ perMinute }: { perMinute: number }): RateLimiter {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  return {
    async consume(key) {
      try {
        await limiter.consume(key);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) {
          throw refusal;
        }
        const retryAfterSeconds = Math.max(1, Math.ceil(refusal.msBeforeNext / 1_000));
        throw new AppError("http.too_many_requests", `More than ${perMinute} in a minute.`, {
          details: { retryAfterSeconds },
        });
      }
    },
  };
}
