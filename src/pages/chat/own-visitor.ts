import { type ApiClient, ApiError } from "./api-client.ts";
import type { NewVisitor, Visitor } from "./api-types.ts";
import type { KeyValueStorage } from "./safe-storage.ts";
import { tokenKey } from "./storage-keys.ts";

export interface OwnVisitorPorts {
  readonly api: Pick<ApiClient, "createVisitor">;
  readonly storage: KeyValueStorage;
  /** With what a conversation begins. */
  readonly begin: NewVisitor;
  /** The token was forgotten: the conversation behind it is gone. */
  readonly onForgotten: () => void;
  /** The identity was refused, in the server's words; the visitor goes on without one. */
  readonly onIdentityRefused: (line: string) => void;
}

/** Who this phone is to the service. */
export interface OwnVisitor {
  /** Undefined before the first message, and after the conversation is gone. */
  token(): string | undefined;
  /** Throws the `ApiError` of an unknown token where there is none. */
  require(): string;
  /** The token, of a new visitor where there is none. */
  ensure(): Promise<string>;
  /** A call for this visitor; once more, for a new one, where the server knew the token no more. */
  asVisitor<T>(call: (token: string) => Promise<T>): Promise<T>;
  /** The server does not know this token any more. One that is not the own one any more changes nothing. */
  forget(token: string | undefined): void;
  /** Whether a former conversation is to be found by an identity. */
  isExpected(): boolean;
}

export function createOwnVisitor(ports: OwnVisitorPorts): OwnVisitor {
  const { api, storage } = ports;
  let { identity } = ports.begin;
  let creating: Promise<string> | undefined;

  const create = async (): Promise<Visitor> => {
    const { from } = ports.begin;
    const door = from === undefined ? {} : { from };
    if (identity === undefined) return api.createVisitor(door);
    try {
      return await api.createVisitor({ ...door, identity });
    } catch (error) {
      if (!(error instanceof ApiError && (error.status === 400 || error.status === 401))) throw error;
      identity = undefined;
      ports.onIdentityRefused(error.message);
      return api.createVisitor(door);
    }
  };
  const ensure = (): Promise<string> => {
    const token = storage.get(tokenKey);
    if (token !== undefined) return Promise.resolve(token);
    creating ??= create()
      .then((created) => {
        storage.set(tokenKey, created.token);
        return created.token;
      })
      .finally(() => {
        creating = undefined;
      });
    return creating;
  };
  const forget = (token: string | undefined) => {
    if (token === undefined || storage.get(tokenKey) !== token) return;
    storage.remove(tokenKey);
    creating = undefined;
    ports.onForgotten();
  };
  return {
    token: () => storage.get(tokenKey),
    require() {
      const token = storage.get(tokenKey);
      if (token === undefined) throw new ApiError(401, "");
      return token;
    },
    ensure,
    async asVisitor(call) {
      const token = await ensure();
      try {
        return await call(token);
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 401)) throw error;
        forget(token);
        return call(await ensure());
      }
    },
    forget,
    isExpected: () => identity !== undefined && storage.get(tokenKey) === undefined,
  };
}
