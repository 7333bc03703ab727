import { lookup as dnsLookup, type LookupAddress } from "node:dns";
import { BlockList, isIP } from "node:net";
import { AppError } from "../errors.ts";

/** Addresses of a name, as `dns.promises.lookup` with `all` gives them. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface AddressRules {
  /** Whether endpoints may be in the own network or on this machine, and be spoken to without TLS there. */
  readonly allowPrivate: boolean;
}

export const systemLookup: Lookup = (hostname) =>
  new Promise((resolve, reject) => {
    dnsLookup(hostname, { all: true }, (error, addresses) => (error ? reject(error) : resolve(addresses)));
  });

/**
 * Never sent to, whatever is allowed: the machine's own link, where clouds keep their metadata and credentials,
 * addresses that stand for others, and those that are nobody's.
 */
const forbidden = blockList(
  ["0.0.0.0", 8],
  ["100.100.100.200", 32],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["224.0.0.0", 3],
  ["::", 128],
  ["64:ff9b::", 96],
  ["2002::", 16],
  ["fd00:ec2::", 32],
  ["fd20:ce::", 32],
  ["fe80::", 10],
  ["ff00::", 8],
);

const own = blockList(
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["::1", 128],
  ["fc00::", 7],
);

/** Whether an event may be sent to this IP address by this protocol (`http:` or `https:`). */
export function isAllowedAddress(address: string, protocol: string, { allowPrivate }: AddressRules): boolean {
  if (isListed(forbidden, address)) return false;
  if (isListed(own, address)) return allowPrivate;
  return protocol === "https:";
}

/** The IP address that the host of a URL is, where it is one. */
export function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return isIP(host) === 0 ? undefined : host;
}

/**
 * The address of a new endpoint, in its normal form. Throws `http.bad_request`, with the fault in `details`, for
 * anything but `https://` with a name or an address to which events may be sent; with `allowPrivate` also `http://`
 * in the own network. Every connection is checked again: a name may lead elsewhere tomorrow.
 */
export async function checkWebhookUrl(
  text: string,
  { lookup, ...rules }: AddressRules & { readonly lookup: Lookup },
): Promise<string> {
  const url = URL.parse(text);
  if (url === null || text.length > 2_000 || !["https:", "http:"].includes(url.protocol)) {
    throw refused("url must be an https:// address");
  }
  if (url.protocol === "http:" && !rules.allowPrivate) throw refused("url must begin with https://");
  if (url.username !== "" || url.password !== "") throw refused("url must not hold a user or a password");
  const literal = literalAddress(url);
  const addresses = literal === undefined ? await resolved(url.hostname, lookup) : [literal];
  if (!addresses.every((address) => isAllowedAddress(address, url.protocol, rules))) {
    throw refused(
      rules.allowPrivate
        ? "url must not lead to a link-local or metadata address, and http:// only into the own network"
        : "url must lead to a public address",
    );
  }
  url.hash = "";
  return url.href;
}

/** Milliseconds for a name. */
const lookupTimeout = 5_000;

async function resolved(hostname: string, lookup: Lookup): Promise<string[]> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(reject, lookupTimeout, new Error("The name server does not answer."));
  try {
    const addresses = await Promise.race([lookup(hostname), late]);
    if (addresses.length > 0) return addresses.map(({ address }) => address);
  } catch (cause) {
    throw refused("the host of url does not resolve", cause);
  } finally {
    clearTimeout(timer);
  }
  throw refused("the host of url does not resolve");
}

function refused(fault: string, cause?: unknown): AppError {
  return new AppError("http.bad_request", `The webhook was refused: ${fault}.`, {
    details: { faults: [fault] },
    cause,
  });
}

function blockList(...networks: readonly (readonly [string, number])[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of networks) list.addSubnet(network, prefix, familyOf(network));
  return list;
}

/** An IPv4 address written as IPv6 is found among the IPv4 ones too. */
function isListed(list: BlockList, address: string): boolean {
  return list.check(address.replace(/%.*$/, ""), familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return address.includes(":") ? "ipv6" : "ipv4";
}
