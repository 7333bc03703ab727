import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** Stands between the service and its database, and can cut every connection at once. */
export interface CutProxy {
  readonly port: number;
  cuts: number;
  cut(): void;
  close(): Promise<void>;
}

export async function startCutProxy(host: string, port: number): Promise<CutProxy> {
  const open = new Set<Socket>();
  const server = createServer((inbound) => {
    const outbound = connect(port, host);
    for (const [one, other] of [
      [inbound, outbound],
      [outbound, inbound],
    ] as const) {
      open.add(one);
      one.on("error", () => {});
      one.once("close", () => {
        open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: CutProxy = {
    port: (server.address() as AddressInfo).port,
    cuts: 0,
    cut: () => {
      proxy.cuts += 1;
      for (const socket of open) socket.destroy();
    },
    close: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
