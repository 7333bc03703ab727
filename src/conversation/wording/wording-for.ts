import { english } from "./en.ts";
import type { Wording } from "./wording.ts";
import { chinese } from "./zh-cn.ts";

/** Chinese, unless a message has Latin letters and not one Chinese character. */
export function wordingFor(message: string): Wording {
  return /[a-z]{2}/iu.test(message) && !/\p{Script=Han}/u.test(message) ? english : chinese;
}
