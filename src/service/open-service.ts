import { randomBytes, randomUUID } from "node:crypto";
import { openPassage } from "../answering/open-passage.ts";
import { createLibrary, createModel, createTurn, dataFolder, openStorage, today, version } from "../app.ts";
import { adminCommands } from "../cli/admin-commands.ts";
import { createAdminParts } from "../cli/admin-parts.ts";
import { ControlCommands } from "../cli/control-commands.ts";
import { knowledgeCommands } from "../cli/knowledge-commands.ts";
import type { Config } from "../config.ts";
import { busyLine, tooFastLine } from "../conversation/wording/inbox-lines.ts";
import { wordingFor } from "../conversation/wording/wording-for.ts";
import { createHttpApp } from "../http/http-app.ts";
import { createRateLimiter } from "../http/rate-limiter.ts";
import { startServer } from "../http/server.ts";
import type { KnowledgeLibrary } from "../knowledge/knowledge-library.ts";
import type { TurnHandler } from "../messaging/turn-handler.ts";
import { ownDataDir } from "../storage/control-socket.ts";
import { type Database, pingDatabase } from "../storage/database.ts";
import { deleteEndedLanes } from "../storage/lane-store.ts";
import { reseal } from "../storage/reseal.ts";
import { createSealer } from "../storage/sealer.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createMetrics, type Metrics } from "../telemetry/metrics.ts";
import { aboutFederation, pagesFolder } from "./about-federation.ts";
import { createAttachments } from "./attachments.ts";
import { createChannels } from "./channels.ts";
import { createIntegrations } from "./integrations.ts";
import { createPrivacyJobs } from "./privacy-jobs.ts";
import { holdReplicaLease, type ReplicaLease } from "./replica-lease.ts";
import { createRoad, processName, type Road } from "./road.ts";
import { watchChannels } from "./watch-channels.ts";

/** Parts that stand in for the product's own: for measurements of the road alone. */
export interface ServiceParts {
  readonly handler?: TurnHandler;
}

type OnClose = (closer: (deadlineMs: number) => Promise<void>) => void;

/** Opens every part in the order of its need; each is closed in the opposite order. Resolves to the address. */
export async function openService(
  config: Config,
  logger: Logger,
  parts: ServiceParts,
  onClose: OnClose,
): Promise<string> {
  const control = new ControlCommands();
  const owner = await ownDataDir(dataFolder(config), control.handlers);
  onClose(() => owner.close());
  const database = await openStorage(config, logger);
  onClose(() => database.close());
  const sealer = createSealer(config.encryptionKey);
  const { formerEncryptionKey: former } = config;
  await reseal(database.db, sealer, former === undefined ? undefined : createSealer(former));

  const metrics = createMetrics({ version });
  const library = await openLibrary(config, database, metrics, logger);
  onClose(() => control.stop());
  control.open(knowledgeCommands(library, today), (outcome) => {
    metrics.reloadEnded(outcome);
    reportKnowledge(library, metrics, logger);
  });
  if (database.kind === "postgres") onClose(followReplicas(library, logger));

  const model = createModel(config);
  const attachments = await createAttachments(config, database, logger);
  onClose(() => attachments.close());
  const integrations = createIntegrations(config, database, sealer, logger);
  const watched = watchChannels(config, database, logger, metrics);
  const road = createRoad({
    config,
    database,
    sealer,
    handler: parts.handler ?? (await createTurn(config, library, logger, model)),
    prepare: (work, signal) => attachments.prepare(work, signal),
    wording: {
      apology: () => wordingFor("").apology(library.local()),
      busy: () => busyLine(library.local()),
      tooFast: tooFastLine,
    },
    webhooks: () => integrations.anyEndpoint(),
    onForgotten: () => attachments.removeDeleted(),
    logger,
    observer: watched.observer,
  });
  if (database.kind === "postgres") {
    const lease = await joinReplicas(config, database, road, logger);
    attachments.useAlone(() => lease.alone());
    onClose(() => lease.stop());
  }
  const channels = await createChannels({
    config,
    database,
    road,
    attachments,
    metrics,
    logger,
    randomBytes,
  });
  attachments.useChannels(channels.all);
  const host = watched.host(channels.all, road);
  control.open(adminCommands(createAdminParts(config, database, () => host.health())));
  // Closed in the opposite order: what is said last goes out while this process still holds the channels.
  onClose(() => watched.stop());
  onClose((deadlineMs) => road.stop(deadlineMs));

  const app = createHttpApp({
    routes: [...channels.routes, integrations.mount(road)],
    rawPaths: channels.rawPaths,
    uncounted: ["/api/v1/", ...channels.webhooks],
    embedOrigins: config.embedOrigins,
    about: () => aboutFederation(library.local(), config.files.longest),
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
    channels: () => host.health(),
    metrics,
    logger,
    addressLimit: createRateLimiter({ perMinute: config.requestsPerAddressPerMinute }),
    trustProxy: config.trustProxy,
    pagesDir: pagesFolder,
    newId: () => randomUUID(),
    now: () => performance.now(),
    version,
  });

  await road.start();
  await integrations.start(road);
  onClose((deadlineMs) => integrations.stop(deadlineMs));
  watched.start();
  const server = await startServer({
    app,
    host: config.host,
    port: config.port,
    endStreams: () => channels.web.endStreams(),
  });
  onClose((deadlineMs) => server.stop(deadlineMs));
  // Only now: pg-boss takes its time.
  const jobs = createPrivacyJobs(config, database, attachments.files, logger);
  onClose(() => jobs.stop());
  void jobs.start();
  return server.url;
}

/** Says who else lives on the database. Files in a folder are for one process: others would not find them. */
function joinReplicas(
  config: Config,
  { db }: Database,
  { lanes }: Road,
  logger: Logger,
): Promise<ReplicaLease> {
  return holdReplicaLease({
    lanes,
    owner: processName,
    forgetEnded: () => deleteEndedLanes(db, "replica"),
    onChange: (alone) => {
      if (alone) logger.info({}, "this process is alone on its database again");
      else if (config.files.url === undefined)
        logger.warn({}, "several processes share the database: no files are taken until FILES_URL is set");
    },
    logger,
  });
}

async function openLibrary(
  config: Config,
  database: Awaited<ReturnType<typeof openStorage>>,
  metrics: Metrics,
  logger: Logger,
): Promise<KnowledgeLibrary> {
  const library = await createLibrary(config, database, logger);
  for (const { path, reason } of (await library.start())?.refused ?? [])
    logger.warn({ path, reason }, "a document was refused");
  reportKnowledge(library, metrics, logger);
  return library;
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
