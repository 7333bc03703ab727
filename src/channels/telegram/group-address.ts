import type { Message, MessageEntity } from "grammy/types";

/** What this channel must know of its own bot. */
export interface BotIdentity {
  readonly id: number;
  /** Without the @; empty where the server does not tell it. */
  readonly username: string;
}

const commandPattern = /^\/(\w{1,64})(?:@(\w+))?(?=\s|$)/;

/** A command at the beginning of a text, in small letters as bots know it. */
export function commandIn(text: string): { name: string; bot?: string; rest: string } | undefined {
  const [whole = "", name, bot] = commandPattern.exec(text) ?? [];
  if (name === undefined) return undefined;
  const rest = text.slice(whole.length).trim();
  return { name: name.toLowerCase(), rest, ...(bot === undefined ? {} : { bot: bot.toLowerCase() }) };
}

/**
 * The text of a group message that is meant for the bot, without the mention of it: a mention, a command with its
 * name, or a reply to what it said. Undefined for what members say to each other.
 */
export function addressedText(message: Message, bot: BotIdentity): string | undefined {
  const text = message.text ?? message.caption ?? "";
  const entities = message.entities ?? message.caption_entities;
  const command = commandIn(text);
  // A command with another bot's name is that bot's, also in a reply to ours.
  if (command?.bot !== undefined) return command.bot === bot.username.toLowerCase() ? text : undefined;
  const mentions = entities === undefined ? writtenMentions(text, bot) : marked(text, entities, bot);
  if (mentions.length === 0) return isReplyTo(message, bot) ? text : undefined;
  const rest = without(text, mentions);
  // Called by name and nothing else: the command says what there is to ask.
  return rest === "" && readsAsText(message) ? "/help" : rest;
}

const readsAsText = (message: Message) => message.text !== undefined;

interface Span {
  readonly offset: number;
  readonly length: number;
}

function marked(text: string, entities: readonly MessageEntity[], bot: BotIdentity): Span[] {
  const name = `@${bot.username}`.toLowerCase();
  return entities.filter((entity) => {
    if (entity.type === "text_mention") return entity.user.id === bot.id;
    const words = text.slice(entity.offset, entity.offset + entity.length);
    return entity.type === "mention" && words.toLowerCase() === name;
  });
}

/** For a server that does not mark mentions. */
function writtenMentions(text: string, bot: BotIdentity): Span[] {
  if (bot.username === "") return [];
  const pattern = new RegExp(`(?<![\\w@.])@${bot.username}(?!\\w)`, "gi");
  return [...text.matchAll(pattern)].map(({ index, 0: found }) => ({ offset: index, length: found.length }));
}

function without(text: string, spans: readonly Span[]): string {
  let rest = text;
  for (const { offset, length } of spans.toSorted((left, right) => right.offset - left.offset)) {
    rest = `${rest.slice(0, offset).replace(/[^\S\n]+$/, "")} ${rest.slice(offset + length).replace(/^[^\S\n]+/, "")}`;
  }
  return rest.trim();
}

/**
 * A message in a forum topic also looks like a reply to the note that began the topic: that is no reply to the bot,
 * even where it made the topic.
 */
function isReplyTo({ reply_to_message: first }: Message, bot: BotIdentity): boolean {
  return first?.from?.id === bot.id && first.forum_topic_created === undefined;
}
