import { createHmac } from "node:crypto";

/**
 * The value of `Niangjia-Signature`: `t=<seconds>,v1=<hex>`, the HMAC-SHA-256 of "t.body" under the endpoint's
 * secret. The receiver computes the same over the bytes that it got and refuses an old `t`.
 */
export function signWebhook(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1_000);
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}
