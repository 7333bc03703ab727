import type { Update } from "grammy/types";
import { type BotApi, startBotApi } from "../../tests/support/bot-api/start-bot-api.ts";

type Person = ReturnType<BotApi["newPerson"]>;

export interface ChaosTelegram {
  readonly api: BotApi;
  /** A person writes; now and then the platform tells of the same update again later. */
  write(person: Person, text: string): void;
  replayed(): number;
}

/** Telegram, failing for a tenth of the sends: a third each of 429, 500 and no answer, of which half were delivered. */
export async function startTelegram(seed: number, random: () => number): Promise<ChaosTelegram> {
  const share = 0.1 / 3;
  const api = await startBotApi({
    recordCalls: false,
    holdMs: 50,
    faults: { seed, tooManyRequests: share, serverError: share, timeout: share },
  });
  let replayed = 0;
  return {
    api,
    write: (person, text) => {
      person.sends(text);
      const update = api.pending.at(-1);
      if (update === undefined || random() >= 0.05) return;
      setTimeout(() => {
        replayed += 1;
        api.inject(update as Update);
      }, 2_000);
    },
    replayed: () => replayed,
  };
}

export function telegramSettings(api: BotApi): Record<string, string> {
  return {
    TELEGRAM_BOT_TOKEN: api.token,
    TELEGRAM_API_ROOT: api.url,
    // The limits have tests of their own; here they would only make the run longer.
    TELEGRAM_MESSAGES_PER_SECOND: "2000",
    TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND: "1000",
    ALLOW_CROSS_BORDER: "yes",
  };
}
