import { randomBytes, randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Answerer, type ModelComposer } from "./answering/answer-question.ts";
import { ChatModel } from "./answering/chat-model.ts";
import { createModelComposer } from "./answering/model-composer.ts";
import { openPassage } from "./answering/open-passage.ts";
import { Prompts } from "./answering/prompts.ts";
import { ResilientModel } from "./answering/resilient-model.ts";
import { createWebChannel } from "./channels/web/channel.ts";
import { longestMessage } from "./channels/web/clean-text.ts";
import { ControlCommands } from "./cli/control-commands.ts";
import { knowledgeCommands } from "./cli/knowledge-commands.ts";
import type { Config } from "./config.ts";
import { ConversationTurn } from "./conversation/conversation-turn.ts";
import { wordingFor } from "./conversation/wording/wording-for.ts";
import { exampleQuestions } from "./conversation/wording/zh-cn.ts";
import type { About } from "./http/about.ts";
import { createHttpApp } from "./http/http-app.ts";
import { createRateLimiter } from "./http/rate-limiter.ts";
import { startServer } from "./http/server.ts";
import type { LocalData } from "./knowledge/documents/local-data.ts";
import type { EmbedderSettings } from "./knowledge/embedding/create-embedder.ts";
import { GenerationFiles } from "./knowledge/generations/generation-files.ts";
import { type InMemoryKnowledge, loadInMemory } from "./knowledge/in-memory-knowledge.ts";
import { shippedKnowledge } from "./knowledge/knowledge-folder.ts";
import { KnowledgeLibrary } from "./knowledge/knowledge-library.ts";
import { createKnowledgeTools, type KnowledgeTools } from "./knowledge/knowledge-tools.ts";
import { ConversationEvents } from "./messaging/conversation-events.ts";
import { TurnQueue } from "./messaging/turn-queue.ts";
import { ownDataDir } from "./storage/control-socket.ts";
import { conversationChanged, SqlConversationStore } from "./storage/conversation-store.ts";
import { type Database, openDatabase, pingDatabase } from "./storage/database.ts";
import { SqlKnowledgeStore } from "./storage/knowledge-store.ts";
import { migrateDatabase } from "./storage/migrate.ts";
import { SqlVisitorStore } from "./storage/visitor-store.ts";
import type { Logger } from "./telemetry/logger.ts";
import { createMetrics, type Metrics } from "./telemetry/metrics.ts";

const pagesFolder = fileURLToPath(new URL("../dist/pages/", import.meta.url));
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
  version: string;
};
const promptsFolder = fileURLToPath(new URL("../prompts/", import.meta.url));

/** Made once: making one takes longer than a search. */
const dateInChina = new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai" });

/** Today's date where the federation is: every rule and deadline of the product is Chinese. */
export function today(now: Date = new Date()): string {
  return dateInChina.format(now);
}

export const knowledgeFolder = (config: Config) => resolve(config.knowledgeDir ?? shippedKnowledge);
export const dataFolder = (config: Config) => resolve(config.dataDir);

const embedderSettings = ({ embeddings }: Config): EmbedderSettings =>
  embeddings === undefined ? { kind: "local" } : { kind: "remote", ...embeddings };

/** Dictionary, embedder and vector engine as configured. */
export const createTools = (config: Config): Promise<KnowledgeTools> =>
  createKnowledgeTools(embedderSettings(config));

/** The knowledge folder in memory, without a database: for single questions, evaluation and benchmarks. */
export async function createInMemoryKnowledge(
  config: Config,
  folder = knowledgeFolder(config),
): Promise<InMemoryKnowledge> {
  return loadInMemory(folder, { federation: config.federation, ...(await createTools(config)) });
}

/** The database, migrated. The data folder must be owned before. */
export async function openStorage(config: Config, logger: Logger): Promise<Database> {
  const database = await openDatabase({
    dataDir: dataFolder(config),
    logger,
    ...(config.databaseUrl === undefined ? {} : { databaseUrl: config.databaseUrl }),
  });
  try {
    await migrateDatabase(database.db);
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/** The library on a database, not yet started. */
export async function createLibrary(config: Config, database: Database): Promise<KnowledgeLibrary> {
  const root = join(dataFolder(config), "index");
  return new KnowledgeLibrary({
    ...(await createTools(config)),
    store: new SqlKnowledgeStore({ db: database.db, now: () => new Date() }),
    files: new GenerationFiles(root),
    root,
    folder: knowledgeFolder(config),
    federation: config.federation,
    now: () => performance.now(),
  });
}

/** The turn of a conversation over any knowledge: the live library or one in memory. */
export async function createTurn(
  config: Config,
  knowledge: Pick<KnowledgeLibrary, "pin" | "local">,
  logger: Logger,
  model = createModel(config),
): Promise<ConversationTurn> {
  const compose = model === undefined ? undefined : await createComposer(model, logger);
  const answerer = new Answerer({
    library: knowledge,
    ...(compose === undefined ? {} : { composeWithModel: compose }),
    region: knowledge.local().federation.region,
    today: () => today(),
    onUnavailable: (err) => logger.error({ err }, "the knowledge could not be searched"),
  });
  return new ConversationTurn({ answerer, local: () => knowledge.local() });
}

function createModel({ llm }: Config): ResilientModel | undefined {
  if (llm === undefined) return undefined;
  return new ResilientModel(new ChatModel(llm), { timeoutMs: llm.timeoutMs, now: () => performance.now() });
}

async function createComposer(model: ResilientModel, logger: Logger): Promise<ModelComposer> {
  return createModelComposer({
    model,
    prompts: await Prompts.load(promptsFolder),
    newMarker: () => randomBytes(12).toString("hex"),
    onUnused: (reason) => logger.warn({ reason }, "the model's reply was not used"),
  });
}

export interface RunningService {
  readonly url: string;
  /** Takes no more requests, lets the turns at hand end, then closes everything in the order of its use. */
  stop(deadlineMs: number): Promise<void>;
}

/**
 * Starts everything: owns the data folder, opens database and knowledge, finishes what a former process left
 * unanswered, then listens. Where a step fails, what was opened before is closed again.
 */
export async function startService(config: Config, logger: Logger): Promise<RunningService> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    const service = await openService(config, logger, (closer) => closers.push(closer));
    return {
      url: service.server.url,
      stop: async (deadlineMs) => {
        await service.server.stop(deadlineMs);
        await service.queue.stop(deadlineMs);
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function openService(config: Config, logger: Logger, onClose: (closer: () => Promise<void>) => void) {
  const control = new ControlCommands();
  const owner = await ownDataDir(dataFolder(config), control.handlers);
  onClose(() => owner.close());
  const database = await openStorage(config, logger);
  onClose(() => database.close());

  const metrics = createMetrics({ version });
  const library = await createLibrary(config, database);
  for (const { path, reason } of (await library.start())?.refused ?? [])
    logger.warn({ path, reason }, "a document was refused");
  reportKnowledge(library, metrics, logger);
  onClose(() => control.stop());
  control.open(knowledgeCommands(library, today), (outcome) => {
    metrics.reloadEnded(outcome);
    reportKnowledge(library, metrics, logger);
  });
  if (database.kind === "postgres") onClose(followReplicas(library, logger));

  const model = createModel(config);
  const clock = { newId: () => randomUUID(), now: () => new Date() };
  const conversations = new SqlConversationStore({ db: database.db, ...clock });
  const events = new ConversationEvents();
  const queue = new TurnQueue({
    conversations,
    handler: await createTurn(config, library, logger, model),
    events,
    apology: wordingFor("").apology(library.local()),
    logger,
    observer: metrics,
    now: () => performance.now(),
  });
  // A reply that another replica stored must wake this one's streams.
  await database.listen(conversationChanged, (id) => events.publish(id, { type: "message" }));
  await queue.recover();

  const web = createWebChannel({
    conversations,
    visitors: new SqlVisitorStore({ db: database.db, now: clock.now }),
    queue,
    events,
    messageLimit: createRateLimiter({ perMinute: config.messagesPerVisitorPerMinute }),
    randomBytes: (length) => randomBytes(length),
    logger,
    observer: metrics,
  });
  const app = createHttpApp({
    routes: [web.mount],
    about: () => aboutFederation(library.local()),
    findPassage: async (chunkId) => {
      const found = await library.findPassage(chunkId);
      return found === undefined ? undefined : openPassage(found.chunk, found.document, found.siblings);
    },
    health: {
      storage: {
        required: true,
        check: async () => ((await pingDatabase(database)) ? "ok" : "failing"),
      },
      knowledge: { required: true, check: () => (library.status() === undefined ? "failing" : "ok") },
      model: {
        required: false,
        check: () => (model === undefined ? "off" : model.isAway ? "failing" : "ok"),
      },
    },
    metrics,
    logger,
    addressLimit: createRateLimiter({ perMinute: config.requestsPerAddressPerMinute }),
    trustProxy: config.trustProxy,
    pagesDir: pagesFolder,
    newId: clock.newId,
    now: () => performance.now(),
    version,
  });
  const server = await startServer({
    app,
    host: config.host,
    port: config.port,
    endStreams: () => web.endStreams(),
  });
  return { server, queue };
}

function reportKnowledge(library: KnowledgeLibrary, metrics: Metrics, logger: Logger): void {
  const status = library.status();
  if (status === undefined) return;
  metrics.indexChunks(status.chunks);
  logger.info(
    status,
    status.engine === "flat"
      ? "the knowledge serves; no native vector index here, every vector is compared"
      : "the knowledge serves",
  );
}

/** Milliseconds between looks for a generation that another replica made active. */
const replicaPollMs = 5_000;

function followReplicas(library: KnowledgeLibrary, logger: Logger): () => Promise<void> {
  const timer = setInterval(() => {
    library
      .refresh()
      .catch((err: unknown) => logger.warn({ err }, "another replica's knowledge could not be opened yet"));
  }, replicaPollMs);
  return async () => clearInterval(timer);
}

/** What the worker's page shows before the first message. */
function aboutFederation({ federation, hotlines }: LocalData): About {
  return {
    federation: federation.name,
    assistant: federation.assistant.short_name,
    hotlines: hotlines.map(({ number, name, purpose, when }) => ({
      number,
      name,
      purpose,
      ...(when === undefined ? {} : { when }),
    })),
    examples: [...exampleQuestions],
    limits: { messageCharacters: longestMessage },
  };
}
