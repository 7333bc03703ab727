import { expect, it } from "vitest";
import { signWebhook } from "../../../src/integrations/sign-webhook.ts";

it("a signature is the HMAC-SHA-256 of time and body", () => {
  // Computed with: printf '1795000000.{"id":"1"}' | openssl dgst -sha256 -hmac whsec_test
  expect(signWebhook("whsec_test", '{"id":"1"}', new Date(1_795_000_000_900))).toBe(
    "t=1795000000,v1=4edab105a74b568dbc75f78e5ef0cf5413fe04ca60d7e7d05624d25a63d9e482",
  );
});
