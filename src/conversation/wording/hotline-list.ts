import type { LocalData } from "../../knowledge/documents/local-data.ts";

/** 12351（全国工会服务热线）、12348（…） in the order of the numbers. */
export function hotlineList(
  local: LocalData,
  numbers: readonly string[],
  separator: string,
  open: string,
  close: string,
): string {
  return numbers
    .map((number) => {
      const hotline = local.hotlines.find((known) => known.number === number);
      return hotline === undefined ? number : `${number}${open}${hotline.name}${close}`;
    })
    .join(separator);
}
