import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the server does with a request instead of serving it. */
export type S3Fault =
  | "500"
  | "503"
  /** Takes the request and never answers. */
  | "hang"
  /** Breaks the connection before an answer. */
  | "drop"
  /** Answers a GET with half of the file, then breaks the connection. */
  | "cut"
  /** Answers a GET with half of the file, then nothing more. */
  | "stall";

export interface S3Request {
  readonly method: string;
  readonly path: string;
  readonly status: number | undefined;
}

const emptyHash = createHash("sha256").update("").digest("hex");

/**
 * An S3-compatible bucket on loopback, written from the description of Signature Version 4: it checks every
 * signature, the hash of every body, and refuses uploads without a length, as MinIO and AWS do.
 */
export class S3Server {
  readonly accessKey = "test-access";
  readonly secretKey = "test-secret/with+signs";
  readonly objects = new Map<string, Buffer>();
  readonly requests: S3Request[] = [];
  /** How each of the next requests goes wrong; all is well where none is left. */
  readonly next: S3Fault[] = [];
  /** Milliseconds that the server's clock is ahead. */
  clockAhead = 0;
  readonly #bucket: string;
  readonly #server = createServer((request, response) => void this.#handle(request, response));

  constructor(bucket = "niangjia") {
    this.#bucket = bucket;
  }

  /** Resolves to the address of the bucket. */
  async start(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/${this.#bucket}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const fault = this.next.shift();
    const entry = { method: request.method ?? "", path: request.url ?? "", status: undefined };
    const at = this.requests.push(entry) - 1;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // The client went away.
    }
    if (fault === "hang") return;
    if (fault === "drop") {
      request.socket.destroy();
      return;
    }
    const body = Buffer.concat(chunks);
    const status =
      fault === "500" || fault === "503"
        ? refuse(response, Number(fault), "SlowDown")
        : this.#serve(request, body, response, fault);
    this.requests[at] = { ...entry, status };
  }

  #serve(request: IncomingMessage, body: Buffer, response: ServerResponse, fault?: S3Fault): number {
    const refused = this.#whyRefused(request, body);
    if (refused !== undefined) return refuse(response, refused.status, refused.code);
    const [, bucket, ...rest] = new URL(request.url ?? "", "http://host").pathname.split("/");
    if (bucket !== this.#bucket) return refuse(response, 404, "NoSuchBucket");
    const key = decodeURIComponent(rest.join("/"));
    if (request.method === "PUT") {
      this.objects.set(key, body);
      return answer(response, 200);
    }
    if (request.method === "DELETE") {
      this.objects.delete(key);
      return answer(response, 204);
    }
    const found = this.objects.get(key);
    if (found === undefined) return refuse(response, 404, "NoSuchKey");
    if (fault === undefined) return answer(response, 200, found);
    response.writeHead(200, { "content-length": found.length });
    response.write(found.subarray(0, Math.floor(found.length / 2)), () => {
      if (fault === "cut") response.destroy();
    });
    return 200;
  }

  #whyRefused(request: IncomingMessage, body: Buffer): { status: number; code: string } | undefined {
    const { authorization, "x-amz-date": time, "x-amz-content-sha256": stated } = request.headers;
    const parts =
      /^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)\/(?<day>\d{8})\/(?<region>[^/]+)\/(?<service>[^/]+)\/aws4_request, SignedHeaders=(?<names>[^,]+), Signature=(?<signature>[0-9a-f]{64})$/.exec(
        authorization ?? "",
      )?.groups;
    if (parts === undefined || typeof time !== "string" || typeof stated !== "string")
      return { status: 403, code: "AccessDenied" };
    if (parts.key !== this.accessKey) return { status: 403, code: "InvalidAccessKeyId" };
    if (parts.region !== "us-east-1" || parts.service !== "s3")
      return { status: 400, code: "AuthorizationHeaderMalformed" };
    if (Math.abs(timeOf(time) - Date.now() - this.clockAhead) > 15 * 60_000)
      return { status: 403, code: "RequestTimeTooSkewed" };
    const names = (parts.names ?? "").split(";");
    const mustSign = ["host", "x-amz-date", "x-amz-content-sha256"];
    if (mustSign.some((name) => !names.includes(name))) return { status: 403, code: "AccessDenied" };
    if (
      parts.signature === undefined ||
      !isSame(parts.signature, this.#sign(request, names, parts, time, stated))
    )
      return { status: 403, code: "SignatureDoesNotMatch" };
    if (request.method !== "PUT") return undefined;
    if (request.headers["content-length"] === undefined) return { status: 411, code: "MissingContentLength" };
    const hash = body.length === 0 ? emptyHash : createHash("sha256").update(body).digest("hex");
    return stated === hash ? undefined : { status: 400, code: "XAmzContentSHA256Mismatch" };
  }

  #sign(
    request: IncomingMessage,
    names: readonly string[],
    { day = "", region = "", service = "" }: Record<string, string | undefined>,
    time: string,
    stated: string,
  ): string {
    const url = new URL(request.url ?? "", "http://host");
    const canonical = [
      request.method,
      url.pathname,
      [...url.searchParams]
        .map((pair) => pair.map(encodeURIComponent).join("="))
        .sort()
        .join("&"),
      ...names.map((name) => `${name}:${String(request.headers[name] ?? "").trim()}`),
      "",
      names.join(";"),
      stated,
    ].join("\n");
    const scope = `${day}/${region}/${service}/aws4_request`;
    const hash = createHash("sha256").update(canonical).digest("hex");
    const hmac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
    const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(hmac, `AWS4${this.secretKey}`);
    return hmac(key, ["AWS4-HMAC-SHA256", time, scope, hash].join("\n")).toString("hex");
  }
}

/** `20260301T080000Z` */
function timeOf(stamp: string): number {
  return Date.parse(stamp.replace(/^(....)(..)(..T..)(..)(..Z)$/, "$1-$2-$3:$4:$5"));
}

function isSame(given: string, own: string): boolean {
  return timingSafeEqual(Buffer.from(given), Buffer.from(own));
}

function answer(response: ServerResponse, status: number, body?: Buffer): number {
  response.writeHead(status, body === undefined ? {} : { "content-length": body.length }).end(body);
  return status;
}

function refuse(response: ServerResponse, status: number, code: string): number {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>test</Message></Error>`;
  response.writeHead(status, { "content-type": "application/xml" }).end(xml);
  return status;
}
