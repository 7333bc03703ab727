/** A pause this long between two messages is worth a time. */
const pauseMs = 20 * 60_000;

/**
 * The time to show above a message, in the phone's own zone: none when the message follows closely on the one
 * before it; without the date when it is from today. An unreadable timestamp shows none.
 */
export function timeLabel(createdAt: string, previous: string | undefined, now: Date): string | undefined {
  const time = new Date(createdAt);
  if (Number.isNaN(time.getTime())) return undefined;
  if (previous !== undefined && time.getTime() - new Date(previous).getTime() < pauseMs) return undefined;
  const clock = `${time.getHours()}:${String(time.getMinutes()).padStart(2, "0")}`;
  if (time.toDateString() === now.toDateString()) return `今天 ${clock}`;
  const day = `${time.getMonth() + 1}月${time.getDate()}日 ${clock}`;
  return time.getFullYear() === now.getFullYear() ? day : `${time.getFullYear()}年${day}`;
}
