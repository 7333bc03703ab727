import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openStorage } from "../../../src/app.ts";
import { adminCommands } from "../../../src/cli/admin-commands.ts";
import { createAdminParts } from "../../../src/cli/admin-parts.ts";
import { ControlCommands } from "../../../src/cli/control-commands.ts";
import { readConfig } from "../../../src/config.ts";
import { ownDataDir } from "../../../src/storage/control-socket.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { runCli } from "../../support/cli-process.ts";
import { temporaryDataFolder } from "../../support/data-folder.ts";
import { temporaryFolder } from "../../support/knowledge-folder.ts";

// What each command does is shown in admin-commands.test.ts; here is where it runs.

const door = /入口 ([A-Z2-9]{8})/;

async function setUp() {
  const settings = { DATA_DIR: await temporaryDataFolder(), PUBLIC_URL: "https://niangjia.example.cn" };
  return {
    folder: await temporaryFolder(),
    config: readConfig(settings),
    admin: (...args: readonly string[]) => runCli(["admin", ...args], settings),
  };
}

it("without a running service a command opens the data folder, and what it made moves to another one", async () => {
  const { folder, admin } = await setUp();
  const made = await admin("link", "--district", "渝中");
  expect(made).toMatchObject({ code: 0, stderr: "" });
  const code = door.exec(made.stdout)?.[1] ?? "none";
  expect(made.stdout).toContain(`网页：https://niangjia.example.cn/?from=${code}\n`);
  const file = join(folder, "all.jsonl.gz");
  const exported = await admin("export", file);
  expect(exported).toMatchObject({ code: 0, stderr: "" });
  expect(exported.stdout).toMatch(/^已导出 \d+ 行数据、0 个文件\n.*请妥善保管\n$/);
  expect((await admin("import", file)).code).toBe(1);
  const other = await setUp();
  expect((await other.admin("import", file)).stdout).toMatch(/^已导入 \d+ 行数据、0 个文件\n$/);
  expect((await other.admin("links")).stdout).toContain(`${code}\t0 个对话`);
  expect(await admin("link", "--district", "渝忠区")).toEqual({
    code: 1,
    signal: null,
    stdout: "",
    stderr: "没有“渝忠区”这个区县。是不是：渝中区、渝北区？\n",
  });
});

it("while a service owns the folder a command runs there, and says so while that is starting", async () => {
  const { folder, config, admin } = await setUp();
  const control = new ControlCommands();
  const owner = await ownDataDir(config.dataDir, control.handlers);
  const database = await openStorage(config, createLogger({ level: "silent" }));
  onTestFinished(async () => {
    await control.stop();
    await database.close();
    await owner.close();
  });
  expect(await admin("links")).toMatchObject({ code: 1, stderr: "服务正在启动，请稍后再试\n" });
  expect((await admin("export", join(folder, "all.jsonl.gz"))).stderr).toContain("请先停止服务");

  const health = () => ({ web: { state: "ready", since: "2026-11-21T02:00:00.000Z" } });
  control.open(adminCommands(createAdminParts(config, database, health)));
  const [channels, made] = await Promise.all([admin("channels"), admin("link", "--label", "一号海报")]);
  expect(channels.stdout).toBe("网页\t正常\t2026-11-21 10:00:00 起\t没有消息在等\n");
  const code = door.exec(made.stdout)?.[1];
  expect(await database.db.selectFrom("doors").select(["code", "label"]).execute()).toEqual([
    { code, label: "一号海报" },
  ]);
});
