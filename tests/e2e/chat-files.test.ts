import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "../support/chromium.ts";
import { type FakeWorkerApi, startFakeWorkerApi } from "../support/fake-worker-api.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pagesDir = join(root, "dist", "pages");
/** Looked at by people; no test reads them. */
const screenshots = join(root, "reports", "screenshots");
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };
const photo = {
  name: "工资条 3月.png",
  mimeType: "image/png",
  buffer: readFileSync(join(root, "docs/worker-page.png")),
};
const contract = { name: "合同.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.4") };

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts", "build-pages.mjs"), "--if-stale"]);
  mkdirSync(screenshots, { recursive: true });
});

if (chromiumPath === undefined) {
  process.stdout.write("chat-files: skipped, no Chromium (set CHROMIUM or install Debian's chromium)\n");
}

describe.skipIf(chromiumPath === undefined)("files and quick replies on the worker page", () => {
  let browser: Browser;
  let server: FakeWorkerApi;
  let context: BrowserContext;
  let page: Page;
  let faults: string[];

  const open = async (options: BrowserContextOptions, address = server.url) => {
    context = await browser.newContext(options);
    page = await context.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (line) => {
      if (line.type() === "error" && !line.text().startsWith("Failed to load resource"))
        faults.push(line.text());
    });
    await page.goto(address);
    await page.locator(".chip").first().waitFor();
  };
  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? "");
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    faults = [];
    server = await startFakeWorkerApi({ pagesDir });
    await open(phone);
  });
  afterEach(async () => {
    await context.close();
    await server.close();
    expect(faults).toEqual([]);
  });

  const composer = () => page.getByLabel("写下您的问题");
  const send = () => page.getByRole("button", { name: "发送" });
  const pick = (...files: { name: string; mimeType: string; buffer: Buffer }[]) =>
    page.getByLabel("加照片或文件").setInputFiles(files);
  const shoot = (name: string) => page.screenshot({ path: join(screenshots, `files-${name}.png`) });

  it.each([
    ["phone", phone],
    ["desktop", desktop],
  ])("are sent with the text, shown, and answered with a choice, on a %s", async (name, options) => {
    await context.close();
    await open(options);
    await composer().fill("这是我3月的工资条");
    await pick(photo, contract);
    await page.getByText("传好了").waitFor();
    await shoot(`${name}-tray`);
    await send().click();
    await page.getByRole("button", { name: "3月", exact: true }).waitFor();
    expect(await composer().inputValue()).toBe("");
    expect(await page.locator(".tray").count()).toBe(0);
    await page.locator(".bubble.own img.photo").waitFor();
    await page.locator(".bubble.own").getByText("合同.pdf").waitFor();
    await shoot(`${name}-sent`);
    expect(server.stored()[0]).toMatchObject({
      text: "这是我3月的工资条",
      attachments: [
        { kind: "photo", name: "工资条 3月.png", size: photo.buffer.length },
        { kind: "file", name: "合同.pdf" },
      ],
    });
    await page.getByRole("button", { name: "3月", exact: true }).click();
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
    expect(server.stored().map(({ text }) => text)).toContain("3月");
    expect(await page.getByText("可以直接点").count()).toBe(0);
  });

  it("need no text, and come back after a reload behind a tap", async () => {
    await pick(photo);
    await page.getByText("传好了").waitFor();
    await send().click();
    await page.getByText("收到1个文件").waitFor();
    await page.reload();
    await page.getByRole("button", { name: /照片.*点开看/ }).click();
    await page.getByRole("img", { name: "照片" }).waitFor();
    await expect
      .poll(() => page.evaluate("document.querySelector('.photo').naturalWidth > 0"), { timeout: 20_000 })
      .toBe(true);
  });

  it("that are kept stay over a reload, and so does the text", async () => {
    await composer().fill("写了一半");
    await pick(contract);
    await page.getByText("传好了").waitFor();
    await page.reload();
    await page.getByText("传好了").waitFor();
    expect(await composer().inputValue()).toBe("写了一半");
    await send().click();
    await page.getByText("收到1个文件").waitFor();
  });

  it("that fail say why, take nothing of the text away, and can be sent again or taken out", async () => {
    await composer().fill("看我的工资条");
    server.behaviour.uploads = "refuse";
    await pick({ name: "a.exe", mimeType: "application/x-msdownload", buffer: Buffer.from("MZ") });
    await page.getByText("这类文件可能不安全").waitFor();
    expect(await page.getByRole("button", { name: "再传一次" }).count()).toBe(0);
    server.behaviour.uploads = "unavailable";
    await pick(photo);
    await page.getByText("文件暂时存不了").waitFor();
    await shoot("phone-failed");
    server.behaviour.uploads = "work";
    await page.getByRole("button", { name: "再传一次" }).click();
    await page.getByRole("button", { name: "不要a.exe" }).click();
    await page.getByText("传好了").waitFor();
    expect(await composer().inputValue()).toBe("看我的工资条");
    await send().click();
    await page.getByText("收到1个文件").waitFor();
  });

  it("that are on their way hold the message back and say so", async () => {
    server.behaviour.uploads = "hold";
    await composer().fill("看我的工资条");
    await pick(photo);
    await page.getByText("正在上传 100%").waitFor();
    await composer().press("Enter");
    await page.getByText("文件还没传完").waitFor();
    expect(server.stored()).toEqual([]);
    expect(await composer().inputValue()).toBe("看我的工资条");
    await page.getByRole("button", { name: "不要照片" }).click();
    await send().click();
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
  });

  it("say that the network is gone, and go on when it is back", async () => {
    await context.setOffline(true);
    await pick(photo);
    await page.getByText("没传上去，可能是网络不好").waitFor();
    await context.setOffline(false);
    await page.getByRole("button", { name: "再传一次" }).click();
    await page.getByText("传好了").waitFor();
  });

  it("that the server lost are said so, and the text is there to be sent without them", async () => {
    await composer().fill("看我的工资条");
    await pick(photo);
    await page.getByText("传好了").waitFor();
    server.forgetVisitors();
    await send().click();
    await page.getByRole("button", { name: /附件找不到了.*拿回来改/ }).click();
    expect(await composer().inputValue()).toBe("看我的工资条");
    await send().click();
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
  });

  it("can be chosen without a finger, and every target is large enough", async () => {
    server.behaviour.uploads = "unavailable";
    await pick(photo, contract);
    await page.getByText("文件暂时存不了").nth(1).waitFor();
    const small = `[...document.querySelectorAll('button:not(.citation), .attach')]
      .map((e) => [e.textContent, e.getBoundingClientRect()])
      .filter(([, box]) => box.height > 0 && (box.height < 44 || box.width < 44))
      .map(([text, box]) => text + ' ' + box.width + 'x' + box.height)`;
    expect(await page.evaluate(small)).toEqual([]);
    await page.getByLabel("加照片或文件").focus();
    expect(await page.evaluate("getComputedStyle(document.querySelector('.attach')).outlineStyle")).toBe(
      "solid",
    );
    await page.setViewportSize({ width: 320, height: 568 });
    await page.getByRole("button", { name: "大字" }).click();
    expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
    await shoot("small-large-type");
  });

  it("belong to a conversation that was deleted: the page says so and begins anew", async () => {
    await composer().fill("删除我的信息");
    server.behaviour.answering = false;
    await send().click();
    await page.getByText("正在查资料").waitFor();
    server.say("您的信息已经删除，回执号 2026-7。", { ending: true });
    await page.getByText("回执号").waitFor();
    server.forgetVisitors();
    await page.getByText("您的信息已删除。要继续问，直接写就行。").waitFor();
    await page.getByText("回执号").waitFor();
    expect(await page.locator(".bubble.own").count()).toBe(0);
    await shoot("phone-forgotten");
    server.behaviour.answering = true;
    await composer().fill("重新问一件事");
    await send().click();
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
  });

  it("belong to a visitor who names the door, and an identity that leaves no trace in the address", async () => {
    await context.close();
    await open(phone, `${server.url}/?from=yubei-3#identity=a.b.c`);
    expect(page.url()).toBe(`${server.url}/?from=yubei-3`);
    expect(server.visitors).toEqual([{ from: "yubei-3", identity: "a.b.c" }]);
    expect(await page.evaluate("localStorage.getItem('niangjia.token')")).toBeNull();
  });
});
