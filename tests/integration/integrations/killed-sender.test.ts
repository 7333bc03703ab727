import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { migrateDatabase } from "../../../src/storage/migrate.ts";
import { describePostgres, openTemporaryPostgres, type TemporaryDatabase } from "../../support/databases.ts";
import { startWebhookReceiver, type WebhookReceiver } from "../../support/webhook-receiver.ts";
import { openWebhooks, runSender, until } from "./webhook-service.ts";

const program = fileURLToPath(new URL("./sending-process.ts", import.meta.url));

describePostgres("a sender that is killed", () => {
  let temporary: TemporaryDatabase;
  let receiver: WebhookReceiver;

  beforeEach(async () => {
    temporary = await openTemporaryPostgres();
    await migrateDatabase(temporary.database.db);
    receiver = await startWebhookReceiver();
  });

  afterEach(async () => {
    await receiver.close();
    await temporary.remove();
  });

  it("between send and mark leaves the event to another one, which sends it again under the same id", async () => {
    const { database, databaseUrl = "" } = temporary;
    const webhooks = openWebhooks(database);
    const id = await webhooks.add(receiver.url);
    const child = spawn(process.execPath, [program, databaseUrl, "1500"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const killed = once(child, "exit");
    receiver.answer((response) => {
      // It has sent, and cannot have marked it: it has no answer yet.
      child.kill("SIGKILL");
      child.once("exit", () => response.destroy());
    });
    await webhooks.tell("c-1");
    await webhooks.tell("c-2");
    await receiver.arrived(1);
    expect((await killed)[1]).toBe("SIGKILL");
    expect(await webhooks.states(id)).toEqual(["queued", "queued"]);
    const sender = await runSender(database, webhooks);
    try {
      await until(async () => (await webhooks.states(id)).every((state) => state === "sent"));
    } finally {
      await sender.end();
    }
    const ids = receiver.received.map(({ headers }) => headers["niangjia-delivery"]);
    expect(ids).toHaveLength(3);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
    expect(receiver.received[0]?.raw).toBe(receiver.received[1]?.raw);
  });
});
