import { AppError } from "../errors.ts";
import { type ApiKey, type ApiKeyStore, apiKeyIn, hashApiKey } from "./api-key.ts";

/** Milliseconds for which a key that was found is believed: at most so long does a revoked one go on working. */
export const apiKeyCacheMs = 15_000;

/** Keys kept at most. */
const mostKept = 500;

/** Resolves to the key that sends this `Authorization` header; throws `http.unauthorized` where there is none. */
export type VerifyApiKey = (authorization: string | undefined) => Promise<ApiKey>;

/**
 * Looks keys up by their hash, so that comparing takes the same time however much of a guessed key is right. Keys
 * that were found are kept for `apiKeyCacheMs`; unknown ones are not, so that nobody can push the others out.
 */
export function createVerifyApiKey({
  store,
  now,
}: {
  readonly store: Pick<ApiKeyStore, "findValid">;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}): VerifyApiKey {
  const kept = new Map<string, { readonly key: ApiKey; readonly until: number }>();

  const find = async (hash: string): Promise<ApiKey | undefined> => {
    const known = kept.get(hash);
    if (known !== undefined && now() < known.until) return known.key;
    // Counted from before the look-up: what it found may be revoked while its answer is on the way.
    const until = now() + apiKeyCacheMs;
    const key = await store.findValid(hash);
    kept.delete(hash);
    if (key !== undefined) {
      kept.set(hash, { key, until });
      if (kept.size > mostKept) kept.delete(kept.keys().next().value ?? hash);
    }
    return key;
  };

  return async (authorization) => {
    const secret = apiKeyIn(authorization);
    const key = secret === undefined ? undefined : await find(hashApiKey(secret));
    if (key === undefined) {
      throw new AppError("http.unauthorized", "The API key is missing, unknown or revoked.");
    }
    return key;
  };
}
