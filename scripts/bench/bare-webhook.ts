import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { Bot, webhookCallback } from "grammy";
import { startBotApi } from "../../tests/support/bot-api/start-bot-api.ts";

const updates = 3_000;

/**
 * The peer: grammY's own webhook handler that echoes at once and keeps nothing. Milliseconds a message, of as many at
 * once as the other figures have.
 */
export async function measureBareWebhook(): Promise<number> {
  const api = await startBotApi({ recordCalls: false });
  const bot = new Bot(api.token, { client: { apiRoot: api.url }, botInfo: api.bot });
  bot.on("message:text", (context) => context.reply(`回 ${context.message.text}`));
  const server = createServer(webhookCallback(bot, "http"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const person = api.newPerson();
    person.sends("热身");
    const update = api.pending[0];
    const post = (index: number) =>
      new Promise<void>((resolve, reject) => {
        const body = JSON.stringify({ ...update, update_id: index });
        const outgoing = request(
          { port, method: "POST", headers: { "Content-Type": "application/json" } },
          (response) => {
            response.resume();
            response.on("end", () => resolve());
          },
        );
        outgoing.on("error", reject);
        outgoing.end(body);
      });
    const run = async (count: number) => {
      let next = 0;
      await Promise.all(
        Array.from({ length: 32 }, async () => {
          while (next < count) await post(next++);
        }),
      );
    };
    await run(300);
    const began = performance.now();
    await run(updates);
    return (performance.now() - began) / updates;
  } finally {
    await new Promise((resolve) => server.close(resolve));
    await api.close();
  }
}
