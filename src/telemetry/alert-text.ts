import type { Alert } from "./alert.ts";

const channelNames: Readonly<Record<string, string>> = {
  telegram: "Telegram",
  wechat: "微信",
  web: "网页",
  terminal: "终端",
};

/** Made once: making one takes longer than using it. */
const timeInChina = new Intl.DateTimeFormat("zh-CN", {
  timeZone: "Asia/Shanghai",
  month: "long",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** One line that says to an admin what happened and what happens next. */
export function alertText(alert: Alert): string {
  const channel = channelNames[alert.channel] ?? alert.channel;
  const since = timeInChina.format(new Date(alert.since));
  const reason = alert.reason === undefined ? "" : `（原因：${alert.reason}）`;
  return `【娘家人】${whatHappened(alert, channel, since, reason)}`;
}

function whatHappened(alert: Alert, channel: string, since: string, reason: string): string {
  switch (alert.type) {
    case "channel.down":
      return `${channel}从${since}起连不上${reason}，系统在自动重试。没发出去的回复都留着，恢复后会补发。`;
    case "channel.back":
      return `${channel}恢复了，${since}起正常，断了${duration(alert.awaySeconds ?? 0)}。留着的回复正在补发。`;
    case "outbox.stuck":
      return `${channel}是通的，但有 ${alert.waiting ?? 0} 个对话的回复发不出去，最早的从${since}等到现在。请看 npm run admin -- ledger。`;
    case "message.set_aside":
      return `${channel}有 ${alert.count ?? 1} 条来信没能答复${reason}，已向对方致歉并留了热线。请看 npm run admin -- set-aside。`;
  }
}

/** `3分20秒`, `2小时5分`, `1天3小时`: the two largest units. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), "天"],
    [Math.floor(seconds / 3_600) % 24, "小时"],
    [Math.floor(seconds / 60) % 60, "分"],
    [Math.floor(seconds) % 60, "秒"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first === -1) return "不到1秒";
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join("");
}
