import { connect } from "node:tls";

export interface GatewayAddress {
  readonly host: string;
  readonly port: number;
  /** The host name that the gateway's certificate has. */
  readonly servername: string;
}

/** The address of an endpoint such as `gateway.example.cn:8788`; undefined where it is none of that form. */
export function gatewayAddress(endpoint: string, token: string): GatewayAddress | undefined {
  const form = /^(?:\[(?<ipv6>.+)\]|(?<name>[^:/]+)):(?<port>\d+)$/;
  const { ipv6, name = ipv6, port } = form.exec(endpoint)?.groups ?? {};
  if (name === undefined) return undefined;
  return { host: name, port: Number(port), servername: token.slice(0, token.lastIndexOf("_")) };
}

/**
 * Resolves when somebody answers there, whatever the answer is, and when the signal aborts; nothing is told, and
 * nothing stays open. The gateway's client is only let in then: a connection on which nobody ever says a word is one
 * that it does not give up, so that a gateway that hangs would cost one with every attempt.
 */
export function knock({ host, port, servername }: GatewayAddress, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const socket = connect({ host, port, servername, ALPNProtocols: ["h2"], rejectUnauthorized: false });
    const end = () => {
      signal.removeEventListener("abort", end);
      socket.destroy();
      resolve();
    };
    signal.addEventListener("abort", end, { once: true });
    socket.once("secureConnect", end);
    // Who answers in another way, or refuses, is told of by the client.
    socket.on("error", end);
    socket.once("close", end);
  });
}
