/** Made once: making one takes longer than a search. */
const inChina = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Shanghai",
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});

/** The parts of a moment as the clocks in China show it. */
export interface ChinaTime {
  readonly year: string;
  readonly month: string;
  readonly day: string;
  /** 08:05 */
  readonly clock: string;
}

/** Throws a `RangeError` for an invalid date. */
export function chinaTime(moment: Date): ChinaTime {
  const parts = Object.fromEntries(inChina.formatToParts(moment).map(({ type, value }) => [type, value]));
  const { year = "", month = "", day = "", hour = "", minute = "" } = parts;
  return { year, month, day, clock: `${hour}:${minute}` };
}
