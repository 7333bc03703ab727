import type { Door, UsedDoor } from "../doors/door.ts";
import type { DoorChannel, DoorLink } from "../doors/door-links.ts";
import type { ApiKey } from "../integrations/api-key.ts";
import type { WebhookEndpoint } from "../integrations/webhook.ts";
import type { DeliveryState } from "../messaging/delivery.ts";
import type { LedgerCount, LedgerEntry } from "../storage/road-reports.ts";
import type { TransferCounts } from "../storage/transfer/archive.ts";
import type { ChannelReport, RoadResults } from "./admin-road.ts";

const channelNames: Readonly<Record<string, string>> = {
  web: "网页",
  telegram: "Telegram",
  wechat: "微信",
  terminal: "终端",
};

const healthNames: Readonly<Record<string, string>> = {
  starting: "正在连接",
  ready: "正常",
  degraded: "不太正常",
  down: "连不上",
  standby: "由另一个进程负责",
};

export const deliveryNames: Readonly<Record<DeliveryState, string>> = {
  queued: "等待发送",
  sending: "正在发送",
  sent: "已送达",
  failed: "没发成",
  dropped: "不再发送",
  unknown: "不知是否送达",
};

/** Made once: making one takes longer than using it. */
const timeInChina = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai",
  dateStyle: "short",
  timeStyle: "medium",
});

const shownTime = (iso: string) => timeInChina.format(new Date(iso));
const shownChannel = (channel: string) => channelNames[channel] ?? channel;
const rows = (lines: readonly (readonly string[])[]) => lines.map((line) => `${line.join("\t")}\n`).join("");

/** Where a door stands: `渝中区 · 解放碑驿站 · 一号海报`. */
export function doorPlace({ district, station, label }: Door): string {
  return [district, station, label].filter((part) => part !== undefined).join(" · ");
}

/** A door with its addresses; `qrCode` draws one. */
export function printLinks(
  { door, links }: { readonly door: Door; readonly links: readonly DoorLink[] },
  qrCode: (address: string) => string,
): string {
  const parts = links.map(({ channel, address, hint }) =>
    address === undefined
      ? `${shownChannel(channel)}：${hint ?? ""}\n`
      : `${shownChannel(channel)}：${address}\n\n${qrCode(address)}\n`,
  );
  return `入口 ${door.code}　${doorPlace(door)}\n\n${parts.join("\n")}`;
}

/** The lines under a printed code. */
export function printedLines(door: Door, channel: DoorChannel): string[] {
  const app = channel === "web" ? "手机扫一扫" : `用${shownChannel(channel)}扫一扫`;
  return [`${app}，找工会娘家人`, doorPlace(door), door.code];
}

export function printDoors(doors: readonly UsedDoor[]): string {
  const lines = doors.map((door) => [
    door.code,
    `${door.conversations} 个对话`,
    shownTime(door.createdAt),
    doorPlace(door),
  ]);
  return `${rows(lines)}共 ${doors.length} 个入口\n`;
}

export function printChannels({ running, channels }: RoadResults["admin.channels"]): string {
  const head = running ? "" : "服务没有在这里运行，下面是最后一次的记录\n";
  return head + (channels.length === 0 ? "还没有渠道的记录\n" : rows(channels.map(channelRow)));
}

function channelRow({ channel, state, reason, since, waiting, oldest }: ChannelReport): string[] {
  const health = state === undefined ? "没有记录" : (healthNames[state] ?? state);
  return [
    shownChannel(channel),
    reason === undefined ? health : `${health}（${reason}）`,
    ...(since === undefined ? [] : [`${shownTime(since)} 起`]),
    oldest === undefined ? "没有消息在等" : `${waiting} 条在等，最早 ${shownTime(oldest)}`,
  ];
}

export function printSetAside({ total, messages }: RoadResults["admin.set-aside"]): string {
  if (total === 0) return "没有答复不了的来信\n";
  const lines = messages.map(({ id, channel, at, reason, text }) => [
    id,
    shownChannel(channel),
    shownTime(at),
    reason,
    // A contact's words may hold signs that move the cursor.
    ...(text === undefined ? [] : [text.replace(/[\s\p{C}]+/gu, " ").trim()]),
  ]);
  return `${rows(lines)}共 ${total} 条${total > messages.length ? `，这里是最近 ${messages.length} 条` : ""}\n`;
}

export function printLedger({ counts, entries }: RoadResults["admin.ledger"]): string {
  if (counts.length === 0) return "还没有发出过消息\n";
  return `${rows(counts.map(countRow))}\n${entries.length === 0 ? "没有这样的消息\n" : rows(entries.map(entryRow))}`;
}

function countRow({ channel, state, count, oldest }: LedgerCount): string[] {
  const since = state === "queued" || state === "sending" ? [`最早 ${shownTime(oldest)}`] : [];
  return [shownChannel(channel), deliveryNames[state], `${count} 条`, ...since];
}

function entryRow(entry: LedgerEntry): string[] {
  return [
    entry.messageId,
    shownChannel(entry.channel),
    entry.reason === undefined
      ? deliveryNames[entry.state]
      : `${deliveryNames[entry.state]}（${entry.reason}）`,
    shownTime(entry.endedAt ?? entry.queuedAt),
    `试了 ${entry.attempts} 次${entry.repeated ? "，有重复" : ""}`,
    `对话 ${entry.conversationId}`,
  ];
}

export function printApiKeys(keys: readonly ApiKey[]): string {
  const lines = keys.map(({ id, name, scopes, createdAt, revokedAt }) => [
    id,
    revokedAt === undefined ? "有效" : `${shownTime(revokedAt)} 停用`,
    shownTime(createdAt),
    scopes.join(","),
    name,
  ]);
  return `${rows(lines)}共 ${keys.length} 个密钥\n`;
}

export function printWebhooks(endpoints: readonly WebhookEndpoint[]): string {
  const lines = endpoints.map(({ id, url, events, active, createdAt }) => [
    id,
    active ? "使用中" : "已停用",
    shownTime(createdAt),
    events.join(","),
    url,
  ]);
  return `${rows(lines)}共 ${endpoints.length} 个推送地址\n`;
}

export function printTransfer(done: string, { tables, files, missing }: TransferCounts): string {
  const count = Object.values(tables).reduce((sum, rows) => sum + rows, 0);
  const gone = missing === 0 ? "" : `；有 ${missing} 个文件早已不在，没有带上`;
  return `${done} ${count} 行数据、${files} 个文件${gone}\n`;
}
