import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type RerankBehaviour = "ok" | "500" | "hang" | "too_few" | "nonsense" | "not_json";

export interface RerankRequest {
  readonly model: string;
  readonly query: string;
  readonly documents: readonly string[];
  readonly top_n: number;
}

/** An endpoint `POST /v1/rerank` on loopback that scores a text by the share of the query's characters in it. */
export class RerankServer {
  readonly requests: { body: RerankRequest; authorization: string | undefined }[] = [];
  behaviour: RerankBehaviour = "ok";
  readonly #server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = JSON.parse(Buffer.concat(pieces).toString()) as RerankRequest;
    this.requests.push({ body, authorization: request.headers.authorization });
    if (request.method === "POST" && request.url === "/v1/rerank") this.#answer(body, response);
    else response.writeHead(404).end();
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer({ query, documents, model }: RerankRequest, response: ServerResponse): void {
    if (this.behaviour === "hang") return;
    if (this.behaviour === "500") {
      response.writeHead(500).end("{}");
      return;
    }
    if (this.behaviour === "not_json") {
      response.end("<html>");
      return;
    }
    const results = documents
      .map((text, index) => ({ index, relevance_score: share(query, text) }))
      .sort((left, right) => right.relevance_score - left.relevance_score);
    const told = this.behaviour === "too_few" ? results.slice(1) : results;
    const body = this.behaviour === "nonsense" ? { scores: [1] } : { model, results: told };
    response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  }
}

const share = (query: string, text: string) =>
  [...query].filter((sign) => text.includes(sign)).length / query.length;
