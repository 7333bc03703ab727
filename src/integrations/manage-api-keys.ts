import { AppError } from "../errors.ts";
import { type ApiKey, type ApiKeyStore, type ApiScope, apiScopes, hashApiKey } from "./api-key.ts";

export interface ApiKeyParts {
  readonly store: ApiKeyStore;
  readonly newId: () => string;
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array;
  readonly now: () => Date;
}

const longestName = 100;

/**
 * Makes a key with these scopes. `secret` is what the other system sends; it is nowhere kept and cannot be shown
 * again. Throws `admin.refused` for a missing name and for no or unknown scopes.
 */
export async function createApiKey(
  { store, newId, randomBytes, now }: ApiKeyParts,
  { name, scopes }: { readonly name: string; readonly scopes: readonly string[] },
): Promise<{ readonly key: ApiKey; readonly secret: string }> {
  const label = name.trim();
  if (label === "" || label.length > longestName) {
    throw new AppError("admin.refused", `An API key needs a name of at most ${longestName} characters.`);
  }
  const secret = `nj_${Buffer.from(randomBytes(32)).toString("base64url")}`;
  const key: ApiKey = {
    id: newId(),
    name: label,
    scopes: checkedScopes(scopes),
    createdAt: now().toISOString(),
  };
  await store.save(key, hashApiKey(secret));
  return { key, secret };
}

/** All keys, revoked ones too, the newest first. */
export function listApiKeys({ store }: Pick<ApiKeyParts, "store">): Promise<ApiKey[]> {
  return store.list();
}

/**
 * Ends a key: within `apiKeyCacheMs` no replica accepts it any more. Throws `admin.refused` where there is no valid
 * key with this id.
 */
export async function revokeApiKey(
  { store, now }: Pick<ApiKeyParts, "store" | "now">,
  id: string,
): Promise<void> {
  if (!(await store.revoke(id, now()))) {
    throw new AppError(
      "admin.refused",
      "There is no valid API key with this id: list the keys to see their ids.",
    );
  }
}

function checkedScopes(scopes: readonly string[]): ApiScope[] {
  const unknown = scopes.filter((scope) => !apiScopes.some((known) => known === scope));
  if (unknown.length > 0 || scopes.length === 0) {
    throw new AppError("admin.refused", `An API key needs scopes out of: ${apiScopes.join(", ")}.`);
  }
  return apiScopes.filter((scope) => scopes.includes(scope));
}
