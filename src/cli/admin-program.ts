import { writeFile } from "node:fs/promises";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type DoorLink, doorChannels } from "../doors/door-links.ts";
import { printedQrCode, terminalQrCode } from "../doors/qr-code.ts";
import { AppError, messageOf } from "../errors.ts";
import { apiScopes } from "../integrations/api-key.ts";
import { webhookEventTypes } from "../integrations/webhook-event.ts";
import { deliveryStates } from "../messaging/delivery.ts";
import type { TransferCounts } from "../storage/transfer/archive.ts";
import type { AdminCommandName, AdminResults } from "./admin-commands.ts";
import {
  printApiKeys,
  printChannels,
  printDoors,
  printedLines,
  printLedger,
  printLinks,
  printSetAside,
  printTransfer,
  printWebhooks,
} from "./admin-output.ts";
import { mostRows } from "./admin-road.ts";
import type { TransferKind } from "./admin-transfer.ts";

export interface AdminProgramParts {
  readonly run: <Name extends AdminCommandName>(name: Name, args: unknown) => Promise<AdminResults[Name]>;
  readonly transfer: (kind: TransferKind, file: string) => Promise<TransferCounts>;
  readonly out: (text: string) => void;
}

/** Adds what an admin can do to `admin`. */
export function defineAdminCommands(admin: Command, parts: AdminProgramParts): void {
  defineDoors(admin, parts);
  defineRoad(admin, parts);
  defineApiKeys(admin.command("api-key").description("其他系统用的密钥"), parts);
  defineWebhooks(admin.command("webhook").description("向其他系统推送消息"), parts);
  defineTransfer(admin, parts);
}

function defineDoors(admin: Command, { run, out }: AdminProgramParts): void {
  admin
    .command("link")
    .description("给一个区县、驿站或海报做一个入口：链接和二维码")
    .option("--district <name>", "区县，例如 渝中区")
    .option("--station <name>", "驿站或服务点")
    .option("--label <text>", "说明，例如 一号海报")
    .option("--code <code>", "重新打印以前做过的入口")
    .addOption(new Option("--channel <name>", "只要一个渠道").choices(doorChannels))
    .option("--svg <file>", "把二维码存成可以印刷的 SVG 文件")
    .action(async (options: { svg?: string }) => {
      const { svg, ...args } = options;
      const made = await run("admin.link", args);
      out(printLinks(made, terminalQrCode));
      if (svg === undefined) return;
      for (const { file, address, channel } of printedFiles(svg, made.links)) {
        await save(file, printedQrCode(address, printedLines(made.door, channel)));
        out(`已保存 ${file}\n`);
      }
    });

  admin
    .command("links")
    .description("列出全部入口，和从每个入口来了多少对话")
    .action(async () => out(printDoors(await run("admin.links", {}))));
}

function defineRoad(admin: Command, { run, out }: AdminProgramParts): void {
  admin
    .command("channels")
    .description("各渠道通不通、从什么时候起、有多少消息在等")
    .action(async () => out(printChannels(await run("admin.channels", {}))));

  admin
    .command("set-aside")
    .description("没能答复的来信")
    .option("--show", "连来信的内容也显示（个人信息，请注意保密）", false)
    .option("--limit <n>", "要几条", rowCount, 50)
    .action(async (options: object) => out(printSetAside(await run("admin.set-aside", options))));

  admin
    .command("ledger")
    .description("发出的消息：各有多少，最近的几条")
    .addOption(new Option("--state <state>", "只看一种状态").choices(deliveryStates))
    .option("--channel <name>", "只看一个渠道，例如 telegram")
    .option("--limit <n>", "要几条", rowCount, 20)
    .action(async (options: object) => out(printLedger(await run("admin.ledger", options))));
}

function defineApiKeys(apiKey: Command, { run, out }: AdminProgramParts): void {
  apiKey
    .command("create")
    .description("做一个密钥；只显示这一次")
    .requiredOption("--name <name>", "给哪个系统用")
    .requiredOption("--scopes <list>", `可以做什么，用逗号隔开：${apiScopes.join(",")}`, listOf(apiScopes))
    .action(async (options: object) => {
      const { key, secret } = await run("admin.api-key.create", options);
      out(
        `密钥（只显示这一次，请马上保存）：${secret}\n编号 ${key.id}　${key.name}　${key.scopes.join(",")}\n`,
      );
    });

  apiKey
    .command("list")
    .description("列出全部密钥（不含密钥本身）")
    .action(async () => out(printApiKeys(await run("admin.api-key.list", {}))));

  apiKey
    .command("revoke")
    .description("停用一个密钥")
    .argument("<id>", "编号，见 api-key list")
    .action(async (id: string) => {
      await run("admin.api-key.revoke", { id });
      out(`已停用 ${id}，各处最迟 15 秒后生效\n`);
    });
}

function defineWebhooks(webhook: Command, { run, out }: AdminProgramParts): void {
  webhook
    .command("add")
    .description("加一个推送地址；签名用的密钥只显示这一次")
    .argument("<url>", "https 地址")
    .option(
      "--events <list>",
      `推送哪些事，用逗号隔开：${webhookEventTypes.join(",")}`,
      listOf(webhookEventTypes),
      [...webhookEventTypes],
    )
    .action(async (url: string, { events }: { events: string[] }) => {
      const { endpoint, secret } = await run("admin.webhook.add", { url, events });
      out(`签名密钥（只显示这一次，请马上保存）：${secret}\n编号 ${endpoint.id}　${endpoint.url}\n`);
    });

  webhook
    .command("list")
    .description("列出推送地址")
    .action(async () => out(printWebhooks(await run("admin.webhook.list", {}))));

  webhook
    .command("remove")
    .description("去掉一个推送地址，还没推送的也不再推送")
    .argument("<id>", "编号，见 webhook list")
    .action(async (id: string) => {
      await run("admin.webhook.remove", { id });
      out(`已去掉 ${id}\n`);
    });
}

function defineTransfer(admin: Command, { transfer, out }: AdminProgramParts): void {
  admin
    .command("export")
    .description("把全部数据存成一个文件，用来备份或换数据库；要先停止服务")
    .argument("<file>", "新文件，例如 niangjia.jsonl.gz")
    .action(async (file: string) => {
      out(printTransfer("已导出", await transfer("export", file)));
      out(`${file} 里有个人信息，请妥善保管\n`);
    });

  admin
    .command("import")
    .description("把导出的文件读进一个空的数据库；要先停止服务")
    .argument("<file>", "admin export 存的文件")
    .action(async (file: string) => out(printTransfer("已导入", await transfer("import", file))));
}

/** One file for one code; of several each gets its channel into the name. */
function printedFiles(svg: string, links: readonly DoorLink[]) {
  const codes = links.flatMap(({ channel, address }) =>
    address === undefined ? [] : [{ channel, address }],
  );
  if (codes.length === 0) throw new AppError("admin.refused", "没有可以印的地址，先按上面的说明补上");
  return codes.map(({ channel, address }) => ({
    channel,
    address,
    file: codes.length === 1 ? svg : svg.replace(/(\.[^./\\]*)?$/u, (ending) => `-${channel}${ending}`),
  }));
}

async function save(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (error) {
    throw new AppError("admin.refused", `存不了 ${file}：${messageOf(error)}`, { cause: error });
  }
}

function rowCount(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > mostRows)
    throw new InvalidArgumentError(`要一个 1 到 ${mostRows} 的整数`);
  return value;
}

function listOf(known: readonly string[]): (text: string) => string[] {
  return (text) => {
    const items = text.split(/[\s,，]+/u).filter((item) => item !== "");
    const unknown = items.filter((item) => !known.includes(item));
    if (unknown.length > 0 || items.length === 0)
      throw new InvalidArgumentError(`可以写：${known.join(",")}`);
    return items;
  };
}
