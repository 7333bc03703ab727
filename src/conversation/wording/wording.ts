import type { LocalData } from "../../knowledge/documents/local-data.ts";
import { english } from "./en.ts";
import { chinese } from "./zh-cn.ts";

/** Everything that the assistant says in its own name, in one language. */
export interface Wording {
  /** Nothing in the knowledge fits. */
  nothingFound(local: LocalData): string;
  /** The knowledge cannot be read now. */
  libraryUnavailable(local: LocalData): string;
  /** Not a matter of work or union; `reasons` are the triage's. */
  outOfScope(reasons: readonly string[], local: LocalData): string;
  smallTalk(reason: string, local: LocalData): string;
  crisis(reasons: readonly string[], local: LocalData): string;
  /** A request for a person was recorded; promises nothing. */
  handOverStarted(reasons: readonly string[], local: LocalData): string;
  /** Says how to reach a person, under an answer to a dispute. */
  handOverOffered(local: LocalData): string;
  /** The turn failed. */
  apology(local: LocalData): string;
}

/** Chinese, unless a message has Latin letters and not one Chinese character. */
export function wordingFor(message: string): Wording {
  return /[a-z]{2}/iu.test(message) && !/\p{Script=Han}/u.test(message) ? english : chinese;
}

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
