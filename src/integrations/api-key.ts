import { createHash } from "node:crypto";

/** What a key may do. */
export const apiScopes = [
  "conversations:read",
  "messages:read",
  "messages:write",
  "webhooks:manage",
] as const;
export type ApiScope = (typeof apiScopes)[number];

/** The key of another system, without the key itself: that is shown once, when it is made. */
export interface ApiKey {
  readonly id: string;
  /** What it is for, in the admin's words. */
  readonly name: string;
  readonly scopes: readonly ApiScope[];
  /** ISO timestamp. */
  readonly createdAt: string;
  /** ISO timestamp; absent while it is valid. */
  readonly revokedAt?: string;
}

/** Implemented in `storage/`. */
export interface ApiKeyStore {
  save(key: ApiKey, hash: string): Promise<void>;
  /** The valid key with this hash. */
  findValid(hash: string): Promise<ApiKey | undefined>;
  /** All keys, the newest first. */
  list(): Promise<ApiKey[]>;
  /** False where there is no valid key with this id. */
  revoke(id: string, at: Date): Promise<boolean>;
}

/** `nj_` and 32 random bytes in base64url. */
const apiKeyForm = /^Bearer (nj_[A-Za-z0-9_-]{43})$/i;

/** The key in an `Authorization` header, where there is one of the right form. */
export function apiKeyIn(authorization: string | undefined): string | undefined {
  return apiKeyForm.exec(authorization ?? "")?.[1];
}

/** What is kept of a key. It has 256 random bits, so a plain hash is enough. */
export function hashApiKey(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
