import { generateKeyPairSync, type KeyObject, sign as signBytes } from "node:crypto";
import { sign } from "hono/jwt";
import { describe, expect, it } from "vitest";
import { createVerifyIdentity } from "../../../../src/channels/web/verify-identity.ts";

const secret = "a shared secret of more than 32 characters";
const seconds = 1_800_000_000;
const now = () => new Date(seconds * 1_000);
const good = { sub: "u-1", exp: seconds + 3_600, aud: "niangjia" };

const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const pem = (key: KeyObject) =>
  key.export({ type: key.type === "public" ? "spki" : "pkcs8", format: "pem" }).toString();

const hs256 = (payload: object, key = secret) => sign({ ...payload }, key, "HS256");
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
const refusal = expect.objectContaining({ code: "channel.unverified" });

describe("an identity", () => {
  const verify = createVerifyIdentity(secret, now);

  it("signed with the shared secret gives its subject", async () => {
    expect(await verify(await hs256(good))).toBe("u-1");
    expect(
      await verify(await hs256({ ...good, aud: ["other", "niangjia"], iat: seconds, nbf: seconds })),
    ).toBe("u-1");
  });

  it.each([
    ["without a subject", { exp: good.exp, aud: "niangjia" }],
    ["with an empty subject", { ...good, sub: "" }],
    ["with a subject that is no text", { ...good, sub: 7 }],
    ["with a subject of control characters", { ...good, sub: "a\u0000b" }],
    ["with a subject of half a character", { ...good, sub: "a\ud800" }],
    ["with a subject of 201 characters", { ...good, sub: "a".repeat(201) }],
    ["without an end", { sub: "u-1", aud: "niangjia" }],
    ["whose end is no number", { ...good, exp: "never" }],
    ["for somebody else", { ...good, aud: "other" }],
    ["for nobody", { sub: "u-1", exp: good.exp }],
  ])("%s is refused", async (_name, payload) => {
    await expect(verify(await hs256(payload))).rejects.toEqual(refusal);
  });

  it.each([
    ["ended a minute ago", { exp: seconds - 59 }, true],
    ["ended longer ago", { exp: seconds - 60 }, false],
    ["lasts a day", { exp: seconds + 86_400 + 60 }, true],
    ["lasts longer", { exp: seconds + 86_400 + 61 }, false],
    ["begins within a minute", { nbf: seconds + 60 }, true],
    ["begins later", { nbf: seconds + 61 }, false],
    ["was made by a clock a minute ahead", { iat: seconds + 60 }, true],
    ["was made in the future", { iat: seconds + 61 }, false],
  ])("that %s is judged with a minute's leeway", async (_name, times, taken) => {
    const verified = verify(await hs256({ ...good, ...times }));
    await (taken ? expect(verified).resolves.toBe("u-1") : expect(verified).rejects.toEqual(refusal));
  });

  it("that is forged, unsigned, cut or no token at all is refused, and the error does not quote it", async () => {
    const signed = await hs256(good);
    const [head = "", payload = "", mark = ""] = signed.split(".");
    const forged = [
      await hs256(good, "another secret of more than 32 characters"),
      `${head}.${part({ ...good, sub: "u-2" })}.${mark}`,
      `${head}.${payload}.`,
      `${head}.${payload}`,
      `${part({ alg: "none", typ: "JWT" })}.${payload}.`,
      `${part({ alg: "none", typ: "JWT" })}.${payload}.${mark}`,
      `${part({ alg: "HS256", typ: "JWT", crit: ["b64"], b64: false })}.${payload}.${mark}`,
      `${part(null)}.${part(null)}.`,
      await sign(good, secret, "HS512"),
      "",
      "...",
      "💣".repeat(1_000),
    ];
    for (const token of forged) {
      const error = (await verify(token).catch((thrown: unknown) => thrown)) as Error;
      expect(error).toEqual(refusal);
      expect(`${error.message}${error.cause ?? ""}`).not.toContain(payload);
    }
  });
});

describe("a public key", () => {
  it.each([
    ["RS256", rsa],
    ["ES256", ec],
  ] as const)("takes what its private key signed with %s", async (algorithm, { publicKey, privateKey }) => {
    const token = await sign(good, pem(privateKey), algorithm);
    expect(await createVerifyIdentity(pem(publicKey), now)(token)).toBe("u-1");
    const oneLine = pem(publicKey).replaceAll("\n", "\\n");
    expect(await createVerifyIdentity(oneLine, now)(token)).toBe("u-1");
  });

  it("is never taken for a secret, nor another algorithm for its own", async () => {
    const verify = createVerifyIdentity(pem(rsa.publicKey), now);
    const tokens = [
      await hs256(good, pem(rsa.publicKey).replace("PUBLIC", "PUBLI_")),
      await sign(good, pem(ec.privateKey), "ES256"),
      await sign(good, pem(rsa.privateKey), "RS512"),
    ];
    // The classic confusion: the public key's own text as the secret of an HMAC.
    const unsigned = `${part({ alg: "HS256", typ: "JWT" })}.${part(good)}`;
    const { createHmac } = await import("node:crypto");
    tokens.push(
      `${unsigned}.${createHmac("sha256", pem(rsa.publicKey)).update(unsigned).digest("base64url")}`,
    );
    const otherRsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
    const rs = `${part({ alg: "RS256", typ: "JWT" })}.${part(good)}`;
    tokens.push(`${rs}.${signBytes("sha256", Buffer.from(rs), otherRsa.privateKey).toString("base64url")}`);
    for (const token of tokens) {
      await expect(verify(token)).rejects.toEqual(refusal);
    }
  });

  it.each([
    ["a private key", pem(rsa.privateKey), /private/],
    ["a short RSA key", pem(generateKeyPairSync("rsa", { modulusLength: 1_024 }).publicKey), /2048/],
    ["a key of another curve", pem(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey), /P-256/],
    ["an Ed25519 key", pem(generateKeyPairSync("ed25519").publicKey), /P-256/],
    ["a damaged key", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----", /cannot be read/],
  ])("that is %s stops the start with what is wrong", (_name, key, line) => {
    expect(() => createVerifyIdentity(key, now)).toThrow(
      expect.objectContaining({ code: "config.invalid", message: expect.stringMatching(line) }),
    );
  });
});
