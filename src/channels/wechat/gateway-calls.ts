import type { Readable, Writable } from "node:stream";

/** What is used here of the gateway's client, which keeps it to itself. */
interface GatewayManager {
  readonly client: GatewayClient;
  initClient(): Promise<void>;
}

interface GatewayClient {
  download: Download;
  getChannel(): { createCall(...values: unknown[]): Call };
}

type Download = (...values: unknown[]) => Readable;

interface Call {
  start(metadata: unknown, listener: CallListener): void;
  cancelWithStatus(code: number, details: string): void;
}

interface CallListener {
  onReceiveMetadata(metadata: unknown): void;
  onReceiveMessage(message: unknown): void;
  onReceiveStatus(status: unknown): void;
}

/** gRPC's code for a call that its own side gives up. */
const cancelled = 1;

/**
 * Follows the calls of a session to its gateway from before its start, and returns how to cut them off: those that are
 * open, and all later ones. None of them has a deadline, and one that is never answered keeps its connection for ever:
 * without this, a gateway that hangs would cost a connection with every attempt to reach it.
 */
export function followCalls(puppet: object): () => void {
  const open = new Set<Call>();
  let over = false;
  const client = puppet as { bridgeGrpcEventStream(manager: GatewayManager): void };
  const bridge = client.bridgeGrpcEventStream.bind(client);
  // The first that is done with a connection which is about to be made.
  client.bridgeGrpcEventStream = (manager) => {
    const connect = manager.initClient.bind(manager);
    manager.initClient = async () => {
      await connect();
      guardDownloads(manager.client);
      followChannel(manager.client.getChannel());
    };
    bridge(manager);
  };

  function followChannel(channel: ReturnType<GatewayClient["getChannel"]>): void {
    const createCall = channel.createCall.bind(channel);
    channel.createCall = (...values) => {
      const call = createCall(...values);
      const start = call.start.bind(call);
      call.start = (metadata, listener) => {
        open.add(call);
        start(metadata, {
          onReceiveMetadata: (received) => listener.onReceiveMetadata(received),
          onReceiveMessage: (message) => listener.onReceiveMessage(message),
          onReceiveStatus: (status) => {
            open.delete(call);
            listener.onReceiveStatus(status);
          },
        });
        if (over) cancel(call);
      };
      return call;
    };
  }

  return () => {
    over = true;
    for (const call of open) cancel(call);
  };
}

function cancel(call: Call): void {
  call.cancelWithStatus(cancelled, "the session is over");
}

/**
 * The gateway's client pipes the call that fetches a file without listening for its errors: a gateway that dies in the
 * middle would end this process. From here on such an error reaches whoever reads the file.
 */
function guardDownloads(client: GatewayClient): void {
  const download: Download = client.download.bind(client);
  client.download = (...values) => {
    const call = download(...values);
    const pipe = call.pipe.bind(call);
    call.on("error", () => {});
    return Object.assign(call, {
      pipe: <Target extends Writable>(target: Target) => {
        call.on("error", (err) => target.destroy(err));
        return pipe(target);
      },
    });
  };
}
