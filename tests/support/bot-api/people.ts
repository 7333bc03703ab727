import type { CallbackQuery, Chat, ChatMember, Message, MessageEntity, Update, User } from "grammy/types";
import { seconds } from "./methods.ts";
import type { UpdateKind, Updates } from "./updates.ts";
import type { ChatState, SentRecord, World } from "./world.ts";

export interface Content {
  readonly replyTo?: number;
  readonly threadId?: number;
  /** Any other fields of the message, such as `forward_origin`, `quote` or a kind of content. */
  readonly fields?: Partial<Message>;
}

export interface FileContent extends Content {
  readonly caption?: string;
  readonly name?: string;
  readonly mimeType?: string;
  /** Announced instead of the true size. */
  readonly size?: number;
}

/** What people do in one chat. Every doing becomes an update for the bot, where Telegram would make one. */
export class ChatDriver {
  readonly state: ChatState;
  protected readonly world: World;
  protected readonly updates: Updates;

  constructor(world: World, updates: Updates, state: ChatState) {
    this.world = world;
    this.updates = updates;
    this.state = state;
  }

  get chatId(): number {
    return this.state.chat.id;
  }

  /** What the bot showed here, oldest first. */
  get sent(): readonly SentRecord[] {
    return this.state.sent;
  }

  get texts(): string[] {
    return this.state.sent.map(({ text }) => text);
  }

  protected post(
    from: User,
    fields: Partial<Message>,
    { replyTo, threadId, fields: more }: Content,
  ): Message {
    const replied = replyTo === undefined ? undefined : this.state.messages.get(replyTo);
    const thread = threadId === undefined ? {} : { message_thread_id: threadId, is_topic_message: true };
    const message = {
      message_id: this.world.nextMessageId(this.state),
      from,
      chat: this.state.chat,
      date: seconds(),
      ...thread,
      ...(replied === undefined ? {} : { reply_to_message: replied }),
      ...fields,
      ...more,
    } as Message;
    this.state.messages.set(message.message_id, message);
    if (this.sees(message))
      this.updates.add({ message: message as NonNullable<Update["message"]> }, "message");
    return message;
  }

  /** Whether the bot is shown a message. */
  protected sees(_message: Message): boolean {
    return this.state.bot === "member" || this.state.bot === "muted";
  }

  protected postText(from: User, text: string, content: Content): Message {
    const entities = entitiesOf(text);
    return this.post(from, { text, ...(entities.length > 0 ? { entities } : {}) }, content);
  }

  protected postFile(
    from: User,
    kind: "photo" | "voice" | "audio" | "video" | "document" | "sticker",
    bytes: Uint8Array,
    { caption, name = `${kind}.bin`, mimeType, size, ...content }: FileContent,
  ): Message {
    const stored = this.world.addFile(name, bytes, size);
    const file = { file_id: stored.id, file_unique_id: `unique-${stored.id}`, file_size: stored.size };
    const typed = mimeType === undefined ? {} : { mime_type: mimeType };
    const fields = {
      photo: {
        photo: [
          { ...file, file_id: `${stored.id}-small`, file_size: 900, width: 90, height: 67 },
          { ...file, width: 1280, height: 960 },
        ],
      },
      voice: { voice: { ...file, duration: 3, ...typed } },
      audio: { audio: { ...file, duration: 3, file_name: name, ...typed } },
      video: { video: { ...file, width: 640, height: 480, duration: 3, file_name: name, ...typed } },
      document: { document: { ...file, file_name: name, ...typed } },
      sticker: {
        sticker: {
          ...file,
          type: "regular",
          width: 512,
          height: 512,
          is_animated: false,
          is_video: false,
          emoji: "👍",
        },
      },
    }[kind] as Partial<Message>;
    return this.post(from, { ...fields, ...(caption === undefined ? {} : { caption }) }, content);
  }

  protected edit(messageId: number, fields: Partial<Message>): Message {
    const former = this.state.messages.get(messageId);
    if (former === undefined) throw new Error(`There is no message ${messageId} to edit.`);
    const entities = fields.text === undefined ? undefined : entitiesOf(fields.text);
    const message = {
      ...former,
      ...fields,
      ...(entities === undefined ? {} : { entities }),
      edit_date: seconds(),
    };
    this.state.messages.set(messageId, message);
    if (this.sees(message)) {
      this.updates.add(
        { edited_message: message as NonNullable<Update["edited_message"]> },
        "edited_message",
      );
    }
    return message;
  }

  /** Presses a button of a message that the bot sent; returns the id of the query. */
  protected press(from: User, messageId: number, label: string): string {
    const message = this.state.messages.get(messageId);
    const button = message?.reply_markup?.inline_keyboard.flat().find(({ text }) => text === label);
    if (message === undefined || button === undefined) throw new Error("There is no such button.");
    const data = "callback_data" in button ? { data: button.callback_data } : {};
    return this.query({ from, message, ...data });
  }

  protected query(details: Pick<CallbackQuery, "from" | "message" | "data">): string {
    const id = String(10_000 + this.world.callbackQueries.size);
    this.world.callbackQueries.set(id, undefined);
    this.updates.add(
      { callback_query: { id, chat_instance: String(this.chatId), ...details } },
      "callback_query",
    );
    return id;
  }

  /** What the bot answered to a pressed button; undefined while it spins. */
  answerTo(queryId: string): { text?: string } | undefined {
    return this.world.callbackQueries.get(queryId);
  }

  protected changeMembership(by: User, before: ChatMember["status"], after: ChatMember["status"]): void {
    const { id, is_bot, first_name, username } = this.world.bot;
    const user = { id, is_bot, first_name, username };
    const update = {
      chat: this.state.chat,
      from: by,
      date: seconds(),
      old_chat_member: { user, status: before } as ChatMember,
      new_chat_member: { user, status: after } as ChatMember,
    };
    this.updates.add({ my_chat_member: update }, "my_chat_member" satisfies UpdateKind);
  }
}

/** A person in a private chat with the bot. */
export class PersonDriver extends ChatDriver {
  readonly user: User;

  constructor(world: World, updates: Updates, user: User) {
    const { id, first_name, username } = user;
    const chat: Chat = { id, type: "private", first_name, ...(username === undefined ? {} : { username }) };
    super(world, updates, world.addChat(chat, "stranger"));
    this.user = user;
  }

  protected override post(from: User, fields: Partial<Message>, content: Content): Message {
    // Who writes to a bot may be written to.
    if (this.state.bot === "stranger") this.state.bot = "member";
    return super.post(from, fields, content);
  }

  sends(text: string, content: Content = {}): Message {
    return this.postText(this.user, text, content);
  }

  /** Follows a link `t.me/bot?start=code`. */
  opensLink(code: string): Message {
    return this.sends(`/start ${code}`);
  }

  sendsFile(
    kind: "photo" | "voice" | "audio" | "video" | "document" | "sticker",
    bytes: Uint8Array = new Uint8Array([1, 2, 3]),
    content: FileContent = {},
  ): Message {
    return this.postFile(this.user, kind, bytes, content);
  }

  sendsLocation(latitude: number, longitude: number, content: Content = {}): Message {
    return this.post(this.user, { location: { latitude, longitude } }, content);
  }

  /** Any other message. */
  sendsFields(fields: Partial<Message>, content: Content = {}): Message {
    return this.post(this.user, fields, content);
  }

  edits(messageId: number, text: string): Message {
    return this.edit(messageId, { text });
  }

  presses(messageId: number, label: string): string {
    return this.press(this.user, messageId, label);
  }

  /** A callback query as it is. */
  queries(details: Omit<Pick<CallbackQuery, "message" | "data">, "from">): string {
    return this.query({ from: this.user, ...details });
  }

  blocks(): void {
    this.state.bot = "blocked";
    this.changeMembership(this.user, "member", "kicked");
  }

  unblocks(): void {
    this.state.bot = "member";
    this.changeMembership(this.user, "kicked", "member");
  }
}

/** A group or supergroup with its members. */
export class GroupDriver extends ChatDriver {
  /** With privacy mode a bot sees commands, mentions of it and replies to it only. */
  privacy: boolean;

  constructor(world: World, updates: Updates, state: ChatState, privacy: boolean) {
    super(world, updates, state);
    this.privacy = privacy;
  }

  says(member: User, text: string, content: Content = {}): Message {
    return this.postText(member, text, content);
  }

  sendsFile(
    member: User,
    kind: "photo" | "voice" | "document",
    bytes: Uint8Array = new Uint8Array([1, 2, 3]),
    content: FileContent = {},
  ): Message {
    return this.postFile(member, kind, bytes, content);
  }

  edits(messageId: number, text: string): Message {
    return this.edit(messageId, { text });
  }

  presses(member: User, messageId: number, label: string): string {
    return this.press(member, messageId, label);
  }

  addTopic(name: string): number {
    const threadId = this.world.nextMessageId(this.state);
    this.state.topics.set(threadId, name);
    return threadId;
  }

  removesBot(by: User): void {
    this.state.bot = "kicked";
    this.changeMembership(by, "member", "kicked");
  }

  /** The members' words cannot be answered here any more. */
  mutesBot(): void {
    this.state.bot = "muted";
  }

  protected override sees(message: Message): boolean {
    if (!super.sees(message)) return false;
    const text = message.text ?? message.caption ?? "";
    return (
      !this.privacy ||
      text.startsWith("/") ||
      text.toLowerCase().includes(`@${this.world.bot.username}`.toLowerCase()) ||
      message.reply_to_message?.from?.id === this.world.bot.id
    );
  }
}

/** What Telegram marks by itself in what people write: commands and names. */
export function entitiesOf(text: string): MessageEntity[] {
  const found = [...text.matchAll(/(?<![\w@])@\w{4,32}|(?<=^|\s)\/\w{1,64}(?:@\w{4,32})?/g)];
  return found.map(({ index, 0: word }) => ({
    type: word.startsWith("@") ? "mention" : "bot_command",
    offset: index,
    length: word.length,
  }));
}
