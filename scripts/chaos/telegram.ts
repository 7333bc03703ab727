import type { Update } from "grammy/types";
import { type BotApi, startBotApi } from "../../tests/support/bot-api/start-bot-api.ts";

type Person = ReturnType<BotApi["newPerson"]>;

export interface ChaosTelegram {
  readonly api: BotApi;
  /** A person writes; now and then the platform tells of the same update again later. */
  write(person: Person, text: string): void;
  replayed(): number;
  /** How many messages it showed to people in the last so many milliseconds. */
  shownWithin(ms: number): number;
  /** From now on updates are posted to this address. */
  postTo(url: string): Promise<void>;
}

const secret = "chaos-webhook-secret";

/** Telegram, failing for a tenth of the sends: a third each of 429, 500 and no answer, of which half were delivered. */
export async function startTelegram(seed: number, random: () => number): Promise<ChaosTelegram> {
  const share = 0.1 / 3;
  const api = await startBotApi({
    recordCalls: false,
    holdMs: 50,
    faults: { seed, tooManyRequests: share, serverError: share, timeout: share },
  });
  let replayed = 0;
  let shown: number[] = [];
  api.onSent(() => {
    shown.push(performance.now());
    if (shown.length > 10_000) shown = shown.slice(-5_000);
  });
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
    shownWithin: (ms) => shown.filter((at) => at > performance.now() - ms).length,
    postTo: async (url) => {
      const response = await fetch(`${api.url}/bot${api.token}/setWebhook`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ url: `${url}/api/telegram/webhook`, secret_token: secret }),
      });
      if (!response.ok) throw new Error(`setWebhook answers ${response.status}`);
    },
  };
}

export function telegramSettings(api: BotApi, byWebhook = false): Record<string, string> {
  return {
    TELEGRAM_BOT_TOKEN: api.token,
    TELEGRAM_API_ROOT: api.url,
    // The limits have tests of their own; here they would only make the run longer.
    TELEGRAM_MESSAGES_PER_SECOND: "2000",
    TELEGRAM_MESSAGES_PER_CHAT_PER_SECOND: "1000",
    ALLOW_CROSS_BORDER: "yes",
    ...(byWebhook ? { TELEGRAM_WEBHOOK_SECRET: secret } : {}),
  };
}
