/** Run as a process of its own: sends the webhook events of a database until it is killed. */
import { openDatabase } from "../../../src/storage/database.ts";
import { openWebhooks, runSender } from "./webhook-service.ts";

const [, , databaseUrl = "", leaseMs = ""] = process.argv;
const database = await openDatabase({ dataDir: "", databaseUrl });
await runSender(database, openWebhooks(database), { times: { lease: Number(leaseMs) } });
