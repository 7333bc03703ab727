import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { AwsClient } from "aws4fetch";
import { AppError, messageOf } from "../errors.ts";
import type { FileStore, KeptFile } from "../messaging/file-store.ts";
import { isFileId, onDisk, refuseForeignId, writeBytes } from "./file-folder.ts";

export interface S3FilesOptions {
  /** The bucket by its path: `https://host/bucket`, or `https://host/bucket/prefix`. */
  readonly url: string;
  readonly accessKey?: string | undefined;
  readonly secretKey?: string | undefined;
  /** Default: what an AWS host name says, else `us-east-1`, as MinIO has it. */
  readonly region?: string;
  /**
   * A folder of this process alone. Files on their way lie in `partial` below it; what a killed process left there
   * is removed, and nothing else.
   */
  readonly spoolFolder: string;
  /** Milliseconds without an answer, or without a piece of one, until a request fails. Default 15,000. */
  readonly timeoutMs?: number;
  /** Milliseconds before the first repetition; each further one waits twice as long. Default 250. */
  readonly retryMs?: number;
  /** Default: `Math.random`. */
  readonly random?: () => number;
}

/** What a request carries: a file on the disk with its hash and length. */
interface Body {
  readonly path: string;
  readonly kept: KeptFile;
}

interface Bucket {
  readonly base: string;
  readonly client: AwsClient;
  readonly timeoutMs: number;
  readonly retryMs: number;
  readonly random: () => number;
}

/** A store that can be tried before the first contact's file comes. */
export interface CheckedFileStore extends FileStore {
  /** Writes and removes a small file. Throws `files.unavailable` with what is wrong. */
  check(): Promise<void>;
}

const attempts = 3;

/** An upload may take this much longer for each of its bytes: 500 kB a second are enough. */
const uploadMsPerByte = 1 / 500;

/** Of an error's description only so much is read. */
const longestFault = 16_384;

/**
 * Files of contacts in an S3-compatible bucket (MinIO, AWS, …), shared by all replicas. Throws `config.invalid` for
 * an address without a bucket and for missing keys. What is saved goes to a temporary file first: the bucket wants
 * length and hash before the content.
 */
export function createS3Files(options: S3FilesOptions): CheckedFileStore {
  const bucket = bucketOf(options);
  let spool: Promise<string> | undefined;
  const files: FileStore = {
    async save(id, content, mostBytes) {
      refuseForeignId(id);
      spool ??= prepareSpool(options.spoolFolder).catch((error: unknown) => {
        spool = undefined;
        throw error;
      });
      const path = join(await spool, randomUUID());
      try {
        const kept = await writeBytes(path, content, mostBytes);
        await request(bucket, "PUT", id, { path, kept });
        return kept;
      } finally {
        await rm(path, { force: true }).catch(() => undefined);
      }
    },
    async open(id) {
      const response = isFileId(id) ? await request(bucket, "GET", id) : undefined;
      return response === undefined ? undefined : Readable.from(piecesOf(response, bucket.timeoutMs));
    },
    async remove(ids) {
      for (const id of ids.filter(isFileId)) await request(bucket, "DELETE", id);
    },
  };
  return {
    ...files,
    async check() {
      const id = `check-${randomUUID()}`;
      await files.save(id, Readable.from([Buffer.from("check")]), 5);
      await files.remove([id]);
    },
  };
}

function prepareSpool(folder: string): Promise<string> {
  const partial = join(folder, "partial");
  return onDisk(folder, async () => {
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { recursive: true, mode: 0o700 });
    return partial;
  });
}

function bucketOf(options: S3FilesOptions): Bucket {
  const { url, accessKey, secretKey, region } = options;
  const parsed = URL.parse(url);
  if (parsed === null || parsed.pathname.replaceAll("/", "") === "" || parsed.search !== "") {
    throw new AppError("config.invalid", "FILES_URL must name a bucket: https://host/bucket");
  }
  if (accessKey === undefined || secretKey === undefined) {
    throw new AppError("config.invalid", "FILES_URL needs FILES_ACCESS_KEY and FILES_SECRET_KEY");
  }
  return {
    base: `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`,
    client: new AwsClient({
      accessKeyId: accessKey,
      secretAccessKey: secretKey,
      service: "s3",
      ...(region === undefined ? {} : { region }),
    }),
    timeoutMs: options.timeoutMs ?? 15_000,
    retryMs: options.retryMs ?? 250,
    random: options.random ?? Math.random,
  };
}

/**
 * One request, repeated while the bucket says that it fails for the moment or says nothing: all three methods may
 * be repeated without harm. Undefined where there is no such file.
 */
async function request(
  bucket: Bucket,
  method: "PUT" | "GET" | "DELETE",
  id: string,
  body?: Body,
): Promise<Response | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const outcome = await send(bucket, method, id, body);
    // Not told by `instanceof`: the HTTP server puts a Response of its own in the global's place.
    if (outcome === undefined || !("passing" in outcome)) return outcome;
    if (!outcome.passing || attempt === attempts) throw outcome.error;
    await sleep(bucket.retryMs * 2 ** (attempt - 1) * (0.5 + bucket.random()));
  }
}

interface Fault {
  readonly error: AppError;
  /** Whether it may be over in a moment. */
  readonly passing: boolean;
}

async function send(
  { base, client, timeoutMs }: Bucket,
  method: string,
  id: string,
  body: Body | undefined,
): Promise<Response | Fault | undefined> {
  const patience = timeoutMs + (body?.kept.size ?? 0) * uploadMsPerByte;
  const stop = new AbortController();
  const clock = setTimeout(
    () => stop.abort(new Error(`no answer within ${Math.round(patience)} ms`)),
    patience,
  );
  const content = body === undefined || body.kept.size === 0 ? undefined : createReadStream(body.path);
  try {
    const headers: Record<string, string> =
      body === undefined
        ? {}
        : { "x-amz-content-sha256": body.kept.hash, "content-type": "application/octet-stream" };
    const signed = await client.sign(`${base}/${id}`, { method, headers });
    const init = {
      method,
      headers: withLength(signed.headers, body),
      signal: stop.signal,
      // A redirect would lead a signed request and a contact's file elsewhere.
      redirect: "error" as const,
    };
    const response = await fetch(
      signed.url,
      content === undefined ? init : { ...init, body: Readable.toWeb(content), duplex: "half" },
    );
    if (response.ok) {
      if (method !== "GET") await response.body?.cancel();
      return response;
    }
    const code = await describe(response);
    const isAbsent = response.status === 404 && code !== "NoSuchBucket" && method !== "PUT";
    return isAbsent ? undefined : faultOf(response.status, code, base);
  } catch (cause) {
    const reason = stop.signal.aborted ? messageOf(stop.signal.reason) : networkReason(cause);
    return { passing: true, error: unavailable(base, `${reason}. ${checkUrl}`, cause) };
  } finally {
    clearTimeout(clock);
    content?.destroy();
  }
}

/** Given the length, the client sends the stream as it is: S3 takes no chunked uploads. */
function withLength(headers: Headers, body: Body | undefined): Headers {
  if (body !== undefined) headers.set("content-length", String(body.kept.size));
  return headers;
}

function faultOf(status: number, code: string, base: string): Fault {
  const hint = hints[code] ?? (status === 403 ? hints.AccessDenied : undefined);
  const reason = `it answered HTTP ${status}${code === "" ? "" : ` ${code}`}`;
  return {
    passing: status >= 500 || status === 429 || status === 408,
    error: unavailable(base, `${reason}. ${hint ?? checkUrl}`),
  };
}

const checkUrl = "Check FILES_URL and the server behind it";

const hints: Readonly<Record<string, string>> = {
  NoSuchBucket: "Make the bucket of FILES_URL",
  AccessDenied: "FILES_ACCESS_KEY must be allowed to read, write and delete in it",
  InvalidAccessKeyId: "Check FILES_ACCESS_KEY",
  SignatureDoesNotMatch: "Check FILES_SECRET_KEY",
  RequestTimeTooSkewed: "The clock of this machine or of the bucket's is wrong",
  AuthorizationHeaderMalformed: "The bucket has another region than us-east-1",
};

/** The code in the answer's XML; "" where there is none. */
async function describe(response: Response): Promise<string> {
  let text = "";
  for await (const piece of response.body ?? []) {
    text += Buffer.from(piece).toString("latin1");
    if (text.length > longestFault) break;
  }
  return /<Code>(?<code>\w{1,64})<\/Code>/.exec(text)?.groups?.code ?? "";
}

/** The content, given up where no piece comes for `timeoutMs`. */
async function* piecesOf(response: Response, timeoutMs: number): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const piece = await inTime(reader.read(), timeoutMs);
      if (piece.done) return;
      yield piece.value;
    }
  } catch (cause) {
    throw unavailable(new URL(response.url).origin, networkReason(cause), cause);
  } finally {
    // Its rejection would say once more what was thrown.
    reader.cancel().catch(() => undefined);
  }
}

async function inTime<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  const late = Promise.withResolvers<never>();
  const clock = setTimeout(() => late.reject(new Error(`nothing came for ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(clock);
  }
}

/** `fetch failed` says nothing: its cause does. */
function networkReason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  return messageOf(inner);
}

function unavailable(base: string, reason: string, cause?: unknown): AppError {
  return new AppError(
    "files.unavailable",
    `The file store ${base} does not work: ${reason}`,
    cause === undefined ? {} : { cause },
  );
}
