import type { Socket } from "node:net";
import { AppError, type ErrorCode, errorCodes, messageOf } from "../errors.ts";
import { connectTo, controlAddress, systemCode } from "./control-address.ts";
import { type ControlProgress, controlReply } from "./control-protocol.ts";
import { longestLine, readJsonLines, writeJsonLine } from "./json-lines.ts";

/** `running: false` where no process owns the folder: the caller may own it and do the work itself. */
export type ControlOutcome =
  | { readonly running: false }
  | { readonly running: true; readonly result: unknown };

/**
 * Has the process that owns the data folder run a command, and waits for its result however long it takes.
 * Aborting the signal ends the connection, which aborts the command there, and throws the signal's reason.
 * Throws the owner's `AppError` again, and `storage.unavailable` where the owner cannot be reached or ends
 * before it has answered.
 */
export async function callControl(
  dataDir: string,
  command: string,
  args: unknown,
  onProgress: (update: ControlProgress) => void = () => {},
  signal?: AbortSignal,
): Promise<ControlOutcome> {
  signal?.throwIfAborted();
  const socket = await connectToOwner(dataDir);
  if (socket === undefined) {
    return { running: false };
  }
  return { running: true, result: await request(socket, dataDir, { command, args }, onProgress, signal) };
}

async function connectToOwner(dataDir: string): Promise<Socket | undefined> {
  try {
    return await connectTo(await controlAddress(dataDir));
  } catch (cause) {
    const code = systemCode(cause);
    if (code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTSOCK") {
      return undefined;
    }
    throw new AppError(
      "storage.unavailable",
      `The process that uses the data folder ${dataDir} cannot be reached: ${messageOf(cause)}. ` +
        "Run the command as the user that runs the service.",
      { cause },
    );
  }
}

function request(
  socket: Socket,
  dataDir: string,
  call: { command: string; args: unknown },
  onProgress: (update: ControlProgress) => void,
  signal?: AbortSignal,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal?.reason);
      socket.destroy();
    };
    signal?.addEventListener("abort", abort, { once: true });
    let cause: Error | undefined;
    socket.on("error", (error) => {
      cause = error;
    });
    socket.on("close", () => {
      signal?.removeEventListener("abort", abort);
      // Settles nothing where the answer has come.
      reject(endedEarly(dataDir, call.command, cause));
    });
    readJsonLines(socket, (value) => {
      const reply = controlReply.safeParse(value);
      if (!reply.success) {
        socket.destroy(new Error("its answer is not of the control protocol"));
      } else if ("progress" in reply.data) {
        onProgress(reply.data.progress);
      } else {
        if ("error" in reply.data) {
          reject(ownersError(reply.data.error));
        } else {
          resolve(reply.data.result);
        }
        socket.end();
      }
    });
    if (!writeJsonLine(socket, { id: 1, ...call })) {
      reject(
        new AppError(
          "http.too_large",
          `The arguments of "${call.command}" are longer than ${longestLine} characters.`,
        ),
      );
      socket.destroy();
    }
  });
}

function endedEarly(dataDir: string, command: string, cause: Error | undefined): AppError {
  const reason = cause === undefined ? "it ended" : cause.message;
  return new AppError(
    "storage.unavailable",
    `The process that uses the data folder ${dataDir} did not finish "${command}": ${reason}.`,
    cause === undefined ? {} : { cause },
  );
}

function ownersError({ code, message, shown }: { code: string; message: string; shown?: unknown }): Error {
  return isErrorCode(code) ? new AppError(code, message, { shown }) : new Error(message);
}

function isErrorCode(code: string): code is ErrorCode {
  return (errorCodes as readonly string[]).includes(code);
}
