import { describe, expect, it } from "vitest";
import { createVerifySecret } from "../../../../src/channels/telegram/verify.ts";

describe("createVerifySecret", () => {
  const verify = createVerifySecret("a-secret-of-the-webhook_1");

  it("knows the secret", () => {
    expect(verify("a-secret-of-the-webhook_1")).toBe(true);
  });

  it.each([
    undefined,
    "",
    "a-secret-of-the-webhook_2",
    "a-secret-of-the-webhook_1 ",
    "密",
    "a".repeat(100_000),
  ])("refuses %s", (header) => {
    expect(verify(header)).toBe(false);
  });

  it("does not take a missing header for an empty secret", () => {
    expect(createVerifySecret("")(undefined)).toBe(false);
  });
});
