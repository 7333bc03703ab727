import { createPublicKey, type JsonWebKey, type KeyObject } from "node:crypto";
import { z } from "@hono/zod-openapi";
import { verify } from "hono/jwt";
import { AppError } from "../../errors.ts";

/** Whom an identity must be meant for. */
const audience = "niangjia";

/** Seconds by which the clocks of two services may differ. */
const leeway = 60;

/** Seconds: no identity may be good for longer, because none can be taken back. */
const longestLife = 24 * 60 * 60;

const claims = z.object({
  sub: z
    .string()
    .regex(/^\P{Cc}{1,200}$/u)
    .refine((sub) => sub.isWellFormed()),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  aud: z.union([z.string(), z.array(z.string())]),
});

/** Resolves to the `sub` of a signed identity; throws `channel.unverified` for anything else. */
export type VerifyIdentity = (token: string) => Promise<string>;

/**
 * Verifies the JWTs with which a union's app vouches for a visitor who is logged in there. The kind of the key
 * alone decides on the algorithm: a secret takes HS256, an RSA public key RS256, a P-256 one ES256. `sub`, `exp`
 * (at most 24 hours away) and `aud` "niangjia" are required. Throws `config.invalid` for a key that is none of these.
 */
export function createVerifyIdentity(key: string, now: () => Date): VerifyIdentity {
  const { alg, jwk } = readKey(key);
  return async (token) => {
    const seconds = Math.floor(now().getTime() / 1_000);
    const read = claims.safeParse(await signedPayload(token, jwk, alg));
    if (!read.success) {
      return refuse();
    }
    const { sub, exp, nbf, iat, aud } = read.data;
    const isTimely =
      exp + leeway > seconds &&
      exp - leeway <= seconds + longestLife &&
      (nbf === undefined || nbf - leeway <= seconds) &&
      (iat === undefined || iat - leeway <= seconds);
    if (!isTimely || ![aud].flat().includes(audience)) {
      refuse();
    }
    return sub;
  };
}

/** hono's `verify` checks form, algorithm and signature; its checks of times know no leeway and miss an absent `exp`. */
async function signedPayload(token: string, jwk: JsonWebKey, alg: Algorithm): Promise<unknown> {
  try {
    return await verify(token, jwk, { alg, exp: false, nbf: false, iat: false });
  } catch {
    // The library's errors quote the token: none of them goes on.
    return refuse();
  }
}

function refuse(): never {
  throw new AppError(
    "channel.unverified",
    "The visitor's identity is not signed as it should be, or too old.",
  );
}

type Algorithm = "HS256" | "RS256" | "ES256";

function readKey(key: string): { readonly alg: Algorithm; readonly jwk: JsonWebKey } {
  if (!key.includes("-----BEGIN")) {
    return { alg: "HS256", jwk: { kty: "oct", k: Buffer.from(key).toString("base64url") } };
  }
  if (key.includes("PRIVATE KEY")) {
    throw wrongKey("holds a private key: keep that where identities are signed and set the public one");
  }
  const publicKey = parsePem(key);
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  const jwk = publicKey.export({ format: "jwk" });
  if (type === "rsa" && (details?.modulusLength ?? 0) >= 2_048) {
    return { alg: "RS256", jwk };
  }
  if (type === "ec" && details?.namedCurve === "prime256v1") {
    return { alg: "ES256", jwk };
  }
  throw wrongKey("must be a secret, an RSA public key of 2048 bits or more, or a P-256 public key");
}

function parsePem(key: string): KeyObject {
  try {
    // A setting of one line carries its line breaks as \n.
    return createPublicKey(key.replaceAll("\\n", "\n"));
  } catch (cause) {
    throw wrongKey("holds a public key that cannot be read", cause);
  }
}

function wrongKey(fault: string, cause?: unknown): AppError {
  return new AppError("config.invalid", `IDENTITY_KEY ${fault}.`, { cause });
}
