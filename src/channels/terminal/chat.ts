import type { Readable, Writable } from "node:stream";
import type { Conversation } from "../../messaging/conversation.ts";
import type { ChannelSender } from "../../messaging/delivery.ts";
import type { InboxPort } from "../../messaging/inbox.ts";
import type { OutboundMessage, StoredMessage } from "../../messaging/message.ts";
import type { PlatformEvent } from "../../messaging/platform-event.ts";
import type { TurnHandler } from "../../messaging/turn-handler.ts";
import { createTerminalChannel } from "./channel.ts";
import type { ChannelLogger } from "./receive.ts";

export interface TerminalChatOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Whether a prompt is shown. */
  readonly interactive: boolean;
  /** Said at the start: what this is, and how to leave. */
  readonly greeting: string;
  readonly handler: TurnHandler;
  readonly logger: ChannelLogger;
  readonly now: () => Date;
}

const forgotten = "这里的对话本来就没有存下来。刚才说过的我已经忘了，您可以从头说起。";
const notRecorded =
  "（这是终端里的试用对话，什么都不保存，您的请求没有记下来；要找人帮忙，请打上面的电话。）";

/** Earlier messages that a turn is given. */
const historyLength = 20;

/** A conversation at the terminal, kept only as long as it runs. Ends at the end of input or with 退出. */
export async function terminalChat({
  input,
  output,
  interactive,
  greeting,
  handler,
  logger,
  now,
}: TerminalChatOptions): Promise<void> {
  const stopped = new AbortController();
  const road = new MemoryRoad(handler, now, stopped.signal);
  output.write(`${greeting}\n\n`);
  const channel = createTerminalChannel({
    input,
    output,
    interactive,
    inbox: road,
    session: "chat",
    logger,
    now,
  });
  road.sender = channel.sender;
  await channel.start();
  await channel.ended;
  stopped.abort();
  output.write("再见，有事随时来问。\n");
}

/** The road of one conversation in memory: a message is answered before the next one is read. */
class MemoryRoad implements Pick<InboxPort, "receiveEvents"> {
  readonly #handler: TurnHandler;
  readonly #now: () => Date;
  readonly #signal: AbortSignal;
  readonly #conversation: Conversation = {
    id: "chat",
    contactId: "chat",
    channel: "terminal",
    surface: "private",
    // The greeting says it.
    noticeGiven: true,
    handOverRequested: false,
  };
  #history: StoredMessage[] = [];
  #seq = 0;
  sender: ChannelSender | undefined;

  constructor(handler: TurnHandler, now: () => Date, signal: AbortSignal) {
    this.#handler = handler;
    this.#now = now;
    this.#signal = signal;
  }

  async receiveEvents(_channel: string, events: readonly PlatformEvent[]) {
    for (const event of events) if (event.type === "message") await this.#turn(event.text);
    return events.map(() => ({ outcome: "stored" as const, isNew: false }));
  }

  async #turn(text: string): Promise<void> {
    const message = this.#stored({ sender: "contact", text });
    const { replies, forget, handOver } = await this.#handler.handle(
      { conversation: this.#conversation, messages: [message], history: this.#history },
      { preview: () => {} },
      this.#signal,
    );
    const said: readonly OutboundMessage[] = forget
      ? [{ sender: "system", text: forgotten }]
      : handOver === undefined
        ? replies
        : [...replies, { sender: "system", text: notRecorded }];
    const messages = said.map((reply) => this.#stored(reply));
    this.#history = forget ? [] : [...this.#history, message, ...messages].slice(-historyLength);
    for (const one of messages) await this.#show(one);
  }

  async #show(message: StoredMessage): Promise<void> {
    const { sender } = this;
    const marks = { repeat: false, late: false };
    const address = { key: "chat", surface: "private", data: {} } as const;
    for (const part of sender?.partsOf(message) ?? []) await sender?.send(address, part, marks, this.#signal);
  }

  #stored(message: OutboundMessage | { readonly sender: "contact"; readonly text: string }): StoredMessage {
    this.#seq += 1;
    return {
      ...message,
      id: `chat-${this.#seq}`,
      conversationId: "chat",
      seq: this.#seq,
      createdAt: this.#now().toISOString(),
    };
  }
}
