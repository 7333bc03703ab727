import { randomUUID } from "node:crypto";

/** A message as the page's API tells it. */
export interface ShownMessage {
  readonly id: string;
  readonly seq: number;
  readonly sender: string;
  readonly text: string;
  readonly replyTo?: string;
  readonly answer?: {
    readonly state: string;
    readonly handOver: string;
    readonly citations: readonly { readonly chunkId: string; readonly index: number }[];
  };
  readonly attachments?: readonly { readonly id: string; readonly state: string; readonly size?: number }[];
}

export type Visitor = Awaited<ReturnType<typeof openVisitor>>;

/** A visitor of the page, by the API that the page uses. */
export async function openVisitor(url: string) {
  const response = await fetch(`${url}/api/visitors`, { method: "POST" });
  const { token } = (await response.json()) as { token: string };
  return knownVisitor(url, token);
}

/** The same visitor, perhaps at another replica. */
export function knownVisitor(url: string, token: string) {
  const authorization = `Bearer ${token}`;
  const get = (path: string, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${url}${path}`, { headers: { ...headers, authorization }, ...(signal ? { signal } : {}) });
  const send = (path: string, body: string | Uint8Array<ArrayBuffer>, type = "application/json") =>
    fetch(`${url}${path}`, { method: "POST", body, headers: { authorization, "content-type": type } });
  return {
    token,
    get,
    send,
    say: (text: string, clientId: string = randomUUID()) =>
      send("/api/messages", JSON.stringify({ clientId, text })),
    messages: async () => {
      const page = (await (await get("/api/messages?after=0")).json()) as { messages: ShownMessage[] };
      return page.messages;
    },
  };
}

export interface SentEvent {
  readonly event?: string;
  readonly data?: Record<string, unknown>;
}

/** Reads server-sent events one by one. */
export async function* readEvents(response: Response): AsyncGenerator<SentEvent, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const bytes of response.body ?? []) {
    rest += decoder.decode(bytes, { stream: true });
    const frames = rest.split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const fields = Object.fromEntries(frame.split("\n").map((line) => line.split(/: (.*)/s)));
      yield { event: fields.event, ...(fields.data ? { data: JSON.parse(fields.data) } : {}) };
    }
  }
}
