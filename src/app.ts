import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Answerer, type ModelComposer } from "./answering/answer-question.ts";
import { ChatModel } from "./answering/chat-model.ts";
import { maskPersons } from "./answering/mask-persons.ts";
import { createModelComposer } from "./answering/model-composer.ts";
import { Prompts } from "./answering/prompts.ts";
import { ResilientModel } from "./answering/resilient-model.ts";
import type { Config } from "./config.ts";
import { ConversationTurn } from "./conversation/conversation-turn.ts";
import { messageOf } from "./errors.ts";
import type { EmbedderSettings } from "./knowledge/embedding/create-embedder.ts";
import { GenerationFiles } from "./knowledge/generations/generation-files.ts";
import { type InMemoryKnowledge, loadInMemory } from "./knowledge/in-memory-knowledge.ts";
import { shippedKnowledge } from "./knowledge/knowledge-folder.ts";
import { KnowledgeLibrary } from "./knowledge/knowledge-library.ts";
import { createKnowledgeTools, type KnowledgeTools } from "./knowledge/knowledge-tools.ts";
import type { Rehearser } from "./knowledge/rehearsal/rehearser.ts";
import { fewAccepted } from "./knowledge/retrieval/few-accepted.ts";
import { createReranker, type Reranker } from "./knowledge/retrieval/reranker.ts";
import type { FileStore } from "./messaging/file-store.ts";
import { type Database, openDatabase } from "./storage/database.ts";
import { createFolderFiles } from "./storage/file-folder.ts";
import { SqlKnowledgeStore } from "./storage/knowledge-store.ts";
import { latestQuestions } from "./storage/latest-questions.ts";
import { migrateDatabase } from "./storage/migrate.ts";
import { openPgvectorStore } from "./storage/pgvector-store.ts";
import { createS3Files } from "./storage/s3-files.ts";
import type { Logger } from "./telemetry/logger.ts";

export const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
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

/** Dictionary, embedder, vector engine and reranker as configured. */
export const createTools = (config: Config, logger?: Logger): Promise<KnowledgeTools> =>
  createKnowledgeTools(embedderSettings(config), rerankerOf(config, logger));

/** The reranker as configured; each time that it fails is told. Undefined: none is. */
function rerankerOf({ rerank }: Config, logger?: Logger): Reranker | undefined {
  if (rerank === undefined) return undefined;
  const reranker = createReranker(rerank);
  return {
    name: reranker.name,
    get isAway() {
      return reranker.isAway;
    },
    rerank: (query, texts, signal) =>
      reranker.rerank(query, texts, signal).catch((error: unknown) => {
        if (signal?.aborted !== true) logger?.warn({ reason: messageOf(error) }, "the reranker was not used");
        throw error;
      }),
  };
}

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

/** Where files of contacts are kept: a folder of the data folder, or a bucket. Throws where the bucket does not serve. */
export async function openFiles(config: Config): Promise<FileStore> {
  const folder = join(dataFolder(config), "files");
  const { url, accessKey, secretKey } = config.files;
  if (url === undefined) return createFolderFiles(folder);
  const bucket = createS3Files({ url, accessKey, secretKey, spoolFolder: folder });
  await bucket.check();
  return bucket;
}

/** The library on a database, not yet started. Throws `config.invalid` where that cannot hold vectors but is to. */
export async function createLibrary(
  config: Config,
  database: Database,
  logger?: Logger,
): Promise<KnowledgeLibrary> {
  const root = join(dataFolder(config), "index");
  return new KnowledgeLibrary({
    ...(await createTools(config, logger)),
    store: new SqlKnowledgeStore({ db: database.db, now: () => new Date() }),
    files: new GenerationFiles(root),
    root,
    ...(config.vectors === "pgvector" ? { shared: await openPgvectorStore(database.db, fewAccepted) } : {}),
    folder: knowledgeFolder(config),
    federation: config.federation,
    rehearser: createRehearser(async () => {
      const asked = await latestQuestions(database.db, config.rehearsalQuestions);
      return asked.map(maskPersons);
    }),
    now: () => performance.now(),
  });
}

/** Asks as a contact does, each question as a conversation of its own and without a language model. */
export function createRehearser(questions: () => Promise<readonly string[]>): Rehearser {
  return {
    latestQuestions: questions,
    today: () => today(),
    over: (library) => async (question, signal) => {
      let fault: unknown;
      const answerer = new Answerer({
        library,
        region: library.local().federation.region,
        today: () => today(),
        onUnavailable: (error) => {
          fault = error;
        },
      });
      const turn = new ConversationTurn({ answerer, local: () => library.local() });
      const { answer } = await turn.reply(question, [], () => {}, signal);
      if (fault !== undefined) throw fault;
      return answer;
    },
  };
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
  return new ConversationTurn({
    answerer,
    local: () => knowledge.local(),
    backupDays: config.backupDays,
    keptDays: config.retentionDays,
  });
}

/** The language model as configured; undefined: none is. */
export function createModel({ llm }: Config): ResilientModel | undefined {
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
