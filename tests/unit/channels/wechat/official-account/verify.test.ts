import { expect, test } from "vitest";
import { signatureOf, verifySignature } from "../../../../../src/channels/wechat/official-account/verify.ts";

const now = () => new Date(1_700_000_000_000);
const verify = (query: Record<string, string>) =>
  verifySignature(new URLSearchParams(query), { token: "word", now });
const signed = (timestamp: string) => ({
  timestamp,
  nonce: "n",
  signature: signatureOf("word", timestamp, "n"),
});

test("the signature is SHA-1 over token, timestamp and nonce in the order of their characters", () => {
  // printf %s 1700000000nword | sha1sum
  expect(signatureOf("word", "1700000000", "n")).toBe("576571754f83f1a8183dc1b483a739cab63dbc5c");
  expect(signatureOf("n", "word", "1700000000")).toBe(signatureOf("word", "1700000000", "n"));
});

test("a request that was signed just now is taken", () => {
  expect(() => verify(signed("1700000000"))).not.toThrow();
  expect(() => verify(signed("1699999500"))).not.toThrow();
});

test.each([
  ["without a signature", { timestamp: "1700000000", nonce: "n" }],
  ["with a wrong one", { ...signed("1700000000"), signature: "0".repeat(40) }],
  ["with a longer one", { ...signed("1700000000"), signature: `${signed("1700000000").signature}0` }],
  ["with another nonce", { ...signed("1700000000"), nonce: "m" }],
  ["of yesterday", signed("1699913600")],
  ["of tomorrow", signed("1700086400")],
  ["with a time that is none", signed("1e9")],
])("a request %s is refused", (_what, query) => {
  expect(() => verify(query)).toThrow(expect.objectContaining({ code: "channel.unverified" }));
});
