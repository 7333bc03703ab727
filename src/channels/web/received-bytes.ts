import { AppError } from "../../errors.ts";

export interface ReceivedBytesOptions {
  readonly mostBytes: number;
  /** Milliseconds without a byte after which the sender is given up. */
  readonly silenceMs: number;
}

/**
 * The bytes of an upload as they come. Throws `files.too_large` beyond `mostBytes`, having read no more than one
 * piece further, and `http.bad_request` where the sender breaks off or stays silent.
 */
export async function* receivedBytes(
  body: ReadableStream<Uint8Array>,
  { mostBytes, silenceMs }: ReceivedBytesOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await within(silenceMs, reader.read());
      if (done) {
        return;
      }
      size += value.byteLength;
      if (size > mostBytes) {
        throw tooLarge(mostBytes);
      }
      yield value;
    }
  } finally {
    // What is not read is the server's to throw away: it ends the connection.
    reader.releaseLock();
  }
}

export function tooLarge(mostBytes: number): AppError {
  const mostMegabytes = Math.floor(mostBytes / 1024 / 1024);
  return new AppError("files.too_large", `The file is larger than ${mostBytes} bytes.`, {
    details: { mostMegabytes },
  });
}

async function within<T>(ms: number, reading: Promise<T>): Promise<T> {
  const silence = Promise.withResolvers<never>();
  const timer = setTimeout(() => silence.reject(brokenOff()), ms);
  try {
    return await Promise.race([
      reading.catch((cause: unknown) => {
        throw brokenOff(cause);
      }),
      silence.promise,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

function brokenOff(cause?: unknown): AppError {
  return new AppError("http.bad_request", "The upload broke off.", { cause, details: { subject: "upload" } });
}
