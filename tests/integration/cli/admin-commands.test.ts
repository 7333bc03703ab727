import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Command } from "commander";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type AdminCommandName, type AdminResults, adminCommands } from "../../../src/cli/admin-commands.ts";
import { createAdminParts } from "../../../src/cli/admin-parts.ts";
import { defineAdminCommands } from "../../../src/cli/admin-program.ts";
import type { SeenHealth } from "../../../src/cli/admin-road.ts";
import { readConfig } from "../../../src/config.ts";
import type { Database } from "../../../src/storage/database.ts";
import { SqlEventLog } from "../../../src/storage/event-log.ts";
import { describeOnPglite } from "../../support/databases.ts";
import { temporaryFolder } from "../../support/knowledge-folder.ts";

const door = /入口 ([A-Z2-9]{8})/;
const since = "2026-11-21T02:00:00.000Z";
const signal = new AbortController().signal;

/** A Bot API that knows who the bot is. */
async function botServer(): Promise<string> {
  const server = createServer((request, response) => {
    const result = { id: 12345, is_bot: true, first_name: "娘家人", username: "niangjia_bot" };
    const known = request.url === "/bot12345:abc/getMe";
    response.writeHead(known ? 200 : 404, { "Content-Type": "application/json" });
    response.end(
      JSON.stringify(known ? { ok: true, result } : { ok: false, error_code: 404, description: "no" }),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** One message that could not be answered, and two of the ledger. */
async function seed({ db }: Database): Promise<void> {
  await db.insertInto("contacts").values({ id: "p1", created_at: since }).execute();
  await db
    .insertInto("conversations")
    .values({ id: "c1", contact_id: "p1", channel: "telegram", created_at: since })
    .execute();
  const message = { conversation_id: "c1", created_at: since };
  await db
    .insertInto("messages")
    .values([
      { ...message, id: "m1", sender: "contact", text: "老板不给工钱", set_aside: "turn_failed" },
      { ...message, id: "m2", sender: "bot", text: "回复一" },
      { ...message, id: "m3", sender: "bot", text: "回复二" },
    ])
    .execute();
  const delivery = { conversation_id: "c1", channel: "telegram", queued_at: since };
  await db
    .insertInto("deliveries")
    .values([
      { ...delivery, message_id: "m2", seq: 2, state: "failed", reason: "chat_not_found", ended_at: since },
      { ...delivery, message_id: "m3", seq: 3, state: "queued" },
    ])
    .execute();
}

describeOnPglite((open) => {
  let database: Database;

  beforeEach(async () => {
    database = await open();
  });

  /** The commands as the command line has them; each call resolves to what was printed. */
  function setUp(settings: Record<string, string> = {}, health?: () => Record<string, SeenHealth>) {
    const config = readConfig({ PUBLIC_URL: "https://niangjia.example.cn/", ...settings });
    const commands = adminCommands(createAdminParts(config, database, health));
    const run = async <Name extends AdminCommandName>(name: Name, args: unknown) =>
      // As it goes through the control socket.
      JSON.parse(JSON.stringify(await commands[name](args, () => {}, signal))) as AdminResults[Name];
    return async (...args: readonly string[]): Promise<string> => {
      let printed = "";
      const admin = new Command("admin").exitOverride().configureOutput({ writeErr: () => {} });
      defineAdminCommands(admin, {
        run,
        transfer: () => Promise.reject(new Error("not here: it needs a data folder of its own")),
        out: (text) => {
          printed += text;
        },
      });
      await admin.parseAsync(args, { from: "user" });
      return printed;
    };
  }

  describe("a door", () => {
    it("has a link and a code for every channel, is printed again, and listed", async () => {
      const telegram = { TELEGRAM_BOT_TOKEN: "12345:abc", TELEGRAM_API_ROOT: await botServer() };
      const admin = setUp(telegram);
      const folder = await temporaryFolder();
      const file = join(folder, "poster.svg");
      const made = await admin("link", "--district", "渝中", "--station", "解放碑驿站", "--svg", file);
      const code = door.exec(made)?.[1] ?? "";
      expect(made).toContain(`入口 ${code}　渝中区 · 解放碑驿站`);
      expect(made).toContain(`网页：https://niangjia.example.cn/?from=${code}\n`);
      expect(made).toContain(`Telegram：https://t.me/niangjia_bot?start=${code}\n`);
      expect(made).toContain("█▄▄▄▄▄▄▄█");
      for (const channel of ["web", "telegram"]) {
        const svg = await readFile(join(folder, `poster-${channel}.svg`), "utf8");
        for (const part of ["<svg", code, "解放碑驿站"]) expect(svg).toContain(part);
      }

      const again = await admin("link", "--code", code.toLowerCase(), "--channel", "web", "--svg", file);
      expect(again).toContain(`?from=${code}`);
      expect(again).not.toContain("t.me");
      expect(await readFile(file, "utf8")).toContain(code);
      expect(await admin("links")).toMatch(new RegExp(`^${code}\t0 个对话\t.*\n共 1 个入口\n$`));
    });

    it("says what is missing where an address cannot be made", async () => {
      const admin = setUp({
        PUBLIC_URL: "",
        TELEGRAM_BOT_TOKEN: "999:wrong",
        TELEGRAM_API_ROOT: await botServer(),
        WECHAT_PUPPET: "wechaty-puppet-service",
      });
      const made = await admin("link", "--label", "一号海报");
      for (const line of ["网页：没有设置 PUBLIC_URL", "Telegram：不知道机器人的名字", "微信：公众号请生成"])
        expect(made).toContain(line);
      const nowhere = admin("link", "--label", "二号海报", "--svg", "/nowhere/poster.svg");
      await expect(nowhere).rejects.toThrow("没有可以印的地址");
    });

    it("cannot be printed into a folder that is not there, and the reason is told", async () => {
      const printed = setUp()("link", "--label", "一号", "--svg", "/nowhere/poster.svg");
      await expect(printed).rejects.toThrow("存不了 /nowhere/poster.svg");
    });
  });

  it.each([
    [["link", "--district", "渝忠区"], "是不是：渝中区"],
    [["link"], "--district 区县"],
    [["link", "--code", "nothing"], "admin links"],
    [["link", "--channel", "sms"], "web"],
    [["api-key", "create", "--name", "a", "--scopes", "everything"], "messages:read"],
    [["api-key", "create", "--name", "a"], "--scopes"],
    [["api-key", "revoke", "nothing"], "api-key list"],
    [["webhook", "remove", "nothing"], "webhook list"],
    [["webhook", "add", "http://127.0.0.1:9/hook"], "WEBHOOKS_TO_PRIVATE=yes"],
    [["webhook", "add", "https://a.cn", "--events", "all"], "conversation.opened"],
    [["ledger", "--state", "lost"], "queued"],
    [["ledger", "--limit", "0"], "1 到 200"],
    [["set-aside", "--limit", "1e9"], "1 到 200"],
  ])("%j is refused with what to do, and nothing is stored", async (args, told) => {
    await expect(setUp()(...args)).rejects.toThrow(told);
    for (const table of ["doors", "api_keys", "webhook_endpoints"] as const)
      expect(await database.db.selectFrom(table).selectAll().execute()).toEqual([]);
  });

  it("a key for another system is shown once, and ended", async () => {
    const admin = setUp();
    const scopes = "messages:read，messages:write";
    const made = await admin("api-key", "create", "--name", "渝工娘家人", "--scopes", scopes);
    const secret = /nj_[\w-]{43}/.exec(made)?.[0] ?? "none";
    const id = /编号 (\S+?)　/.exec(made)?.[1] ?? "";
    expect(made).toContain(secret);
    const listed = await admin("api-key", "list");
    expect(listed).toContain(`${id}\t有效\t`);
    expect(listed).toContain("messages:read,messages:write\t渝工娘家人");
    expect(listed).not.toContain(secret);
    expect(await admin("api-key", "revoke", id)).toContain(`已停用 ${id}`);
    expect(await admin("api-key", "list")).not.toContain("有效");
    await expect(admin("api-key", "revoke", id)).rejects.toThrow("有效密钥");
  });

  it("an address is told of events until it is removed", async () => {
    const admin = setUp({ WEBHOOKS_TO_PRIVATE: "yes" });
    const url = "http://127.0.0.1:9/hook";
    const added = await admin("webhook", "add", url, "--events", "conversation.opened");
    expect(added).toMatch(/whsec_[\w-]{43}/);
    const id = /编号 (\S+?)　/.exec(added)?.[1] ?? "";
    expect(await admin("webhook", "list")).toContain(`\tconversation.opened\t${url}\n`);
    await admin("webhook", "remove", id);
    expect(await admin("webhook", "list")).toBe("共 0 个推送地址\n");
  });

  it("what could not be answered or delivered is shown, and words only when asked for", async () => {
    const admin = setUp();
    await seed(database);
    expect(await admin("set-aside")).toBe("m1\tTelegram\t2026-11-21 10:00:00\tturn_failed\n共 1 条\n");
    expect(await admin("set-aside", "--show")).toContain("老板不给工钱");
    const ledger = await admin("ledger", "--state", "failed");
    expect(ledger).toContain("Telegram\t没发成\t1 条");
    expect(ledger).toContain("m2\tTelegram\t没发成（chat_not_found）");
    expect(ledger).not.toMatch(/m3\t|回复/);
  });

  describe("the channels", () => {
    it("are shown as the running service sees them, with what waits", async () => {
      await seed(database);
      const admin = setUp({}, () => ({
        telegram: { state: "down", reason: "no answer in time", since },
        web: { state: "ready", since },
      }));
      expect(await admin("channels")).toBe(
        "Telegram\t连不上（no answer in time）\t2026-11-21 10:00:00 起\t1 条在等，最早 2026-11-21 10:00:00\n" +
          "网页\t正常\t2026-11-21 10:00:00 起\t没有消息在等\n",
      );
    });

    it("are shown as admins were last told where no service runs", async () => {
      await seed(database);
      const events = new SqlEventLog({ db: database.db, now: () => new Date(since) });
      await events.add("channel.down", { channel: "wechat", details: { reason: "not logged in" } });
      expect(await setUp()("channels")).toBe(
        "服务没有在这里运行，下面是最后一次的记录\n" +
          "Telegram\t没有记录\t1 条在等，最早 2026-11-21 10:00:00\n" +
          "微信\t连不上（not logged in）\t2026-11-21 10:00:00 起\t没有消息在等\n",
      );
    });
  });
});
