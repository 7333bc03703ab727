import type { IncomingMessage } from "node:http";
import { describe, expect, it } from "vitest";
import { clientAddress } from "../../../src/http/client-address.ts";

function incoming(remoteAddress: string, forwarded?: string): IncomingMessage {
  return {
    socket: { remoteAddress },
    headers: { "x-forwarded-for": forwarded },
  } as unknown as IncomingMessage;
}

describe("clientAddress", () => {
  it("is the address of the connection, whatever the sender claims", () => {
    expect(clientAddress(incoming("203.0.113.9", "1.1.1.1"), false)).toBe("203.0.113.9");
  });

  it("is the entry that the trusted proxy added", () => {
    expect(clientAddress(incoming("127.0.0.1", "1.1.1.1, 198.51.100.7"), true)).toBe("198.51.100.7");
    expect(clientAddress(incoming("127.0.0.1"), true)).toBe("127.0.0.1");
  });

  it.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::9", "2001:db8:1:2::/64"],
    ["2001:0DB8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["no address", "unknown"],
  ])("counts %s as %s", (remote, key) => {
    expect(clientAddress(incoming(remote), false)).toBe(key);
  });
});
