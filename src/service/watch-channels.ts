import type { Channel } from "../channels/channel.ts";
import { type ChannelHost, createChannelHost } from "../channels/channel-host.ts";
import { ChannelWatch } from "../channels/channel-watch.ts";
import { createTelegramAlert } from "../channels/telegram/alert.ts";
import type { Config } from "../config.ts";
import type { RoadObserver } from "../messaging/road-observer.ts";
import type { Database } from "../storage/database.ts";
import { SqlEventLog } from "../storage/event-log.ts";
import { webhookAlerts } from "../telemetry/alert-webhook.ts";
import { Alerts, type AlertWay } from "../telemetry/alerts.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { processName, type Road } from "./road.ts";

/** Runs the channels, looks after them, and tells admins when one is away. */
export function watchChannels(config: Config, { db }: Database, logger: Logger, metrics: Metrics) {
  const record = new SqlEventLog({ db, now: () => new Date() });
  const alerts = new Alerts({ ways: [...alertWays(config), recordedAlerts(record)], logger });
  let host: ChannelHost | undefined;
  let watch: ChannelWatch | undefined;
  const observer: RoadObserver = {
    ...metrics,
    setAside: (channel) => {
      metrics.setAside();
      alerts.send({ type: "message.set_aside", channel, since: new Date().toISOString() });
    },
  };
  return {
    observer,
    /** Puts the channels on the road; they start with `start` of the host. */
    host: (channels: readonly Channel[], road: Road): ChannelHost => {
      const made = createChannelHost({
        channels,
        lanes: road.lanes,
        owner: processName,
        logger,
        metrics,
        now: () => performance.now(),
        date: () => new Date(),
      });
      for (const channel of channels) road.join(channel, () => made.maySend(channel.name));
      host = made;
      watch = new ChannelWatch({
        health: () => made.health(),
        backlog: () => road.backlog(),
        alerts,
        metrics,
        logger,
        now: () => new Date(),
        onChange: (channel) => road.wakeOutbox(channel),
      });
      return made;
    },
    start: () => {
      host?.start();
      watch?.start();
    },
    stop: async () => {
      watch?.stop();
      await host?.stop();
      alerts.stop();
    },
  };
}

/** Keeps what admins were told, for `npm run admin -- channels` while no service runs. */
function recordedAlerts(record: SqlEventLog): AlertWay {
  return {
    name: "event log",
    deliver: ({ type, channel, reason }) =>
      record.add(type, { channel, ...(reason === undefined ? {} : { details: { reason } }) }),
  };
}

function alertWays({ alerts, telegram }: Config): AlertWay[] {
  const ways: AlertWay[] = [];
  if (alerts.webhookUrl !== undefined) ways.push(webhookAlerts(alerts.webhookUrl));
  if (alerts.telegramChat !== undefined && telegram !== undefined) {
    const tell = createTelegramAlert(telegram, alerts.telegramChat);
    ways.push({ name: "telegram", deliver: ({ text }, signal) => tell(text, signal) });
  }
  return ways;
}
