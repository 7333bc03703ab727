import type { LocalData } from "../../knowledge/documents/local-data.ts";

/** What is said before a message reaches a turn, when nobody knows yet in which language it is. */
export const busyLine = (local: LocalData): string =>
  `现在找我的人很多，您的话我已经记下了，不会丢，轮到您马上回。着急可以打 ${local.federation.fallback_hotlines[0]}。\n` +
  "Many people are writing right now. Your message is kept and will be answered in turn.";

export const tooFastLine = (): string =>
  "您发得太快了，这一分钟里后面的话我没有收下。请等一分钟，把要紧的再说一遍。\n" +
  "Too many messages at once: the last ones were not read. Please wait a minute and write the important part again.";
