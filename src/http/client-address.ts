import type { IncomingMessage } from "node:http";
import { isIPv4, isIPv6 } from "node:net";

/**
 * What stands for the sender of a request when requests are counted: the IPv4 address, or the /64 of an IPv6
 * address, because one subscriber has a whole /64. Behind a trusted proxy it is the last `X-Forwarded-For` entry,
 * the only one that the proxy wrote itself.
 */
export function clientAddress(incoming: IncomingMessage | undefined, trustProxy: boolean): string {
  const forwarded = trustProxy ? String(incoming?.headers["x-forwarded-for"] ?? "") : "";
  const address = forwarded.split(",").at(-1)?.trim() || incoming?.socket.remoteAddress || "";
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(plain)) {
    return plain;
  }
  return isIPv6(plain) ? network64(plain) : "unknown";
}

function network64(address: string): string {
  const [head = "", tail] = address.replace(/%.*$/, "").split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail ? tail.split(":") : [];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const groups = [...front, ...Array.from({ length: zeros }, () => "0"), ...back].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}
