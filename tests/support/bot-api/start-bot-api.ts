import type { AddressInfo } from "node:net";
import type { Chat, Update, User, UserFromGetMe } from "grammy/types";
import { type FaultOptions, Faults } from "./faults.ts";
import { type CallRecord, createBotApiServer } from "./http-server.ts";
import { GroupDriver, PersonDriver } from "./people.ts";
import { Updates } from "./updates.ts";
import { type SentRecord, World } from "./world.ts";

export interface BotApiOptions {
  /** Default: a made-up one. */
  readonly token?: string;
  /** Default `niangjia_bot`. */
  readonly botUsername?: string;
  readonly faults?: FaultOptions;
  /** Milliseconds that the connection of an injected timeout stays open. Default 100. */
  readonly holdMs?: number;
  /** Milliseconds before a webhook gets an update again. Default 20. */
  readonly webhookRetryMs?: number;
  /** Default: a free one. */
  readonly port?: number;
  /** Keep the list of calls; a long run needs none. Default true. */
  readonly recordCalls?: boolean;
}

export interface GroupOptions {
  readonly type?: "group" | "supergroup";
  readonly forum?: boolean;
  /** Default false: the bot sees all. */
  readonly privacy?: boolean;
}

/** A Bot API of its own on loopback, with the people who use it. */
export interface BotApi {
  /** What a bot takes as `apiRoot`. */
  readonly url: string;
  readonly token: string;
  readonly bot: UserFromGetMe;
  readonly faults: Faults;
  /** Every request of the bot, oldest first. */
  readonly calls: readonly CallRecord[];
  /** Everything that is not confirmed by the bot. */
  readonly pending: readonly Update[];
  newPerson(details?: Partial<User>): PersonDriver;
  newGroup(options?: GroupOptions): GroupDriver;
  /** A group becomes a supergroup: the old id moves. */
  upgrade(group: GroupDriver): GroupDriver;
  /** Puts an update in as it is, whatever it is. */
  inject(update: object & { update_id: number }): void;
  /** The bot can no longer write to this person or group as if it were deleted. */
  deactivate(person: PersonDriver): void;
  commands(language?: string): readonly { command: string; description: string }[];
  /** Drops a file, as if it had grown old. */
  forgetFile(fileId: string): void;
  /** Called for everything that the bot shows. */
  onSent(listener: (record: SentRecord) => void): void;
  close(): Promise<void>;
}

/** Starts a Bot API server, written from the Bot API's documentation. */
export async function startBotApi(options: BotApiOptions = {}): Promise<BotApi> {
  const {
    token = "7000000001:AAtest-token_of-the-bot-api-server1",
    holdMs = 100,
    webhookRetryMs = 20,
  } = options;
  const { port = 0, recordCalls = true, botUsername = "niangjia_bot" } = options;
  const bot = botOf(token, botUsername);
  const world = new World(bot);
  const updates = new Updates({ webhookRetryMs, firstUpdateId: 1_000 });
  const faults = new Faults(options.faults);
  const calls: CallRecord[] = [];
  const onCall = (call: CallRecord) => {
    if (recordCalls) calls.push(call);
  };
  const server = createBotApiServer({ token, world, updates, faults, holdMs, onCall });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });

  function newGroup({ type = "supergroup", forum = false, privacy = false }: GroupOptions = {}): GroupDriver {
    const id = world.newGroupId(type === "supergroup");
    const chat = { id, type, title: "Building site", ...(forum ? { is_forum: true } : {}) } as Chat;
    return new GroupDriver(world, updates, world.addChat(chat, "member"), privacy);
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token,
    bot,
    faults,
    calls,
    get pending() {
      return updates.pending;
    },
    newPerson: (details = {}) => new PersonDriver(world, updates, world.newUser(details)),
    newGroup,
    upgrade(group) {
      const next = newGroup({ type: "supergroup", privacy: group.privacy });
      group.state.migratedTo = next.chatId;
      return next;
    },
    inject: (update) => updates.inject(update as Update),
    deactivate(person) {
      person.state.bot = "deactivated";
    },
    commands: (language = "") => world.commands.get(language) ?? [],
    forgetFile(fileId) {
      world.files.delete(fileId);
    },
    onSent(listener) {
      world.listeners.add(listener);
    },
    async close() {
      updates.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function botOf(token: string, username: string): UserFromGetMe {
  return {
    id: Number(token.split(":")[0]),
    is_bot: true,
    first_name: "娘家人",
    username,
    can_join_groups: true,
    can_read_all_group_messages: false,
    supports_inline_queries: false,
    can_connect_to_business: false,
    has_main_web_app: false,
    has_topics_enabled: false,
    allows_users_to_create_topics: false,
    can_manage_bots: false,
    supports_join_request_queries: false,
  };
}
