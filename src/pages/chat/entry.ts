/** What the page's own address says: who leads here. */
export interface Entry {
  /** The code of the link, poster or site through which the visitor comes. */
  readonly from?: string;
  /** The signed identity of an app in which the visitor is logged in. */
  readonly identity?: string;
  /** The origin of the site that shows the page in a frame. */
  readonly embedOrigin?: string;
}

/** The part of `location` that is looked at. */
interface Address {
  readonly pathname: string;
  readonly search: string;
  readonly hash: string;
}

/** Reads `?from=`, `?embed=` and `#identity=`; what has not the right form is left out. */
export function readEntry({ search, hash }: Pick<Address, "search" | "hash">): Entry {
  const query = new URLSearchParams(search);
  const from = query.get("from") ?? "";
  const embedOrigin = query.get("embed") ?? "";
  const identity = new URLSearchParams(hash.replace(/^#/, "")).get("identity") ?? "";
  return {
    ...(/^[\w-]{1,64}$/.test(from) ? { from } : {}),
    ...(identity === "" ? {} : { identity }),
    ...(isOrigin(embedOrigin) ? { embedOrigin } : {}),
  };
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}

/** Takes the identity out of the address: it is not for a bookmark, nor for who looks over a shoulder. */
export function hideIdentity(
  history: { readonly state: unknown; replaceState(state: unknown, unused: string, url: string): void },
  { pathname, search }: Pick<Address, "pathname" | "search">,
): void {
  history.replaceState(history.state, "", pathname + search);
}
