import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "../support/chromium.ts";
import { type MemoryService, startMemoryService } from "../unit/channels/web/memory-service.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pagesDir = join(root, "dist", "pages");
/** Looked at by people; no test reads them. */
const screenshots = join(root, "reports", "screenshots");
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const patiently = { timeout: 20_000 };
const desktop = { viewport: { width: 1280, height: 800 } };

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts", "build-pages.mjs"), "--if-stale"]);
  mkdirSync(screenshots, { recursive: true });
});

describe("the script for other sites", () => {
  const script = readFileSync(join(pagesDir, "embed.js"), "utf8");

  it("is at most 4 kB gzipped", () => {
    expect(gzipSync(script).length).toBeLessThan(4_000);
  });

  it("holds no syntax that the oldest phones lack", () => {
    for (const missing of [/\?\.[a-z[(]/i, /\?\?/, /^import |^export /m]) expect(script).not.toMatch(missing);
  });
});

if (chromiumPath === undefined) {
  process.stdout.write("embed: skipped, no Chromium (set CHROMIUM or install Debian's chromium)\n");
}

describe.skipIf(chromiumPath === undefined)("the page in another site", () => {
  let browser: Browser;
  let site: Server;
  let siteUrl: string;
  let service: MemoryService;
  let context: BrowserContext;
  let page: Page;
  let requests: string[];
  let faults: string[];
  /** What the site answers with, and under which policy. */
  let body: string;
  let policy: string | undefined;

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? "");
    site = createServer((_request, response) => {
      if (policy !== undefined) response.setHeader("Content-Security-Policy", policy);
      response.setHeader("Content-Type", "text/html; charset=utf-8");
      response.end(`<!doctype html><html lang="zh-CN"><head><title>渝北区总工会</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <style>* { letter-spacing: 1px; color: blue } button { width: 5px; transform: rotate(9deg) }</style></head>
        <body><h1>渝北区总工会</h1>${"<p>工会走进工地，为户外劳动者送去清凉饮品。</p>".repeat(40)}${body}</body></html>`);
    });
    await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
    service = await startMemoryService({ app: { pagesDir, embedOrigins: [siteUrl] } });
  });
  afterAll(async () => {
    await browser.close();
    await service.server.stop(0);
    site.closeAllConnections();
    await new Promise((resolve) => site.close(resolve));
  });

  const open = async (options: BrowserContextOptions) => {
    context = await browser.newContext(options);
    page = await context.newPage();
    requests = [];
    faults = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => faults.push(error.message));
  };
  beforeEach(async () => {
    body = `<script src="${service.url}/embed.js" data-from="yubei-site" async></script>`;
    policy = undefined;
    await open(phone);
  });
  afterEach(async () => {
    await context.close();
    expect(faults).toEqual([]);
  });

  const button = () => page.getByRole("button", { name: "问工会" });
  const inside = () => page.frameLocator('iframe[title="问工会"]');
  const press = async () => {
    await button().click();
    await inside().locator(".chip").first().waitFor();
  };
  const ask = async (text: string) => {
    await inside().getByLabel("写下您的问题").fill(text);
    await inside().getByRole("button", { name: "发送" }).click();
    await expect.poll(() => service.conversations.waiting, patiently).toHaveLength(1);
    const [conversationId = ""] = service.conversations.waiting;
    service.conversations.answer(conversationId, [{ sender: "bot", text: `答：${text}` }]);
    await inside().getByText(`答：${text}`).waitFor();
    return conversationId;
  };
  const focused = () => page.evaluate("document.activeElement.shadowRoot?.activeElement?.textContent ?? ''");

  it.each([
    ["phone", phone],
    ["desktop", desktop],
  ])("is a button until it is pressed, then the assistant, on a %s", async (name, options) => {
    await context.close();
    await open(options);
    await page.goto(siteUrl);
    await button().waitFor();
    const box = await button().boundingBox();
    expect(Math.min(box?.width ?? 0, box?.height ?? 0)).toBeGreaterThanOrEqual(44);
    expect(requests.filter((url) => url.startsWith(service.url))).toEqual([`${service.url}/embed.js`]);
    await page.screenshot({ path: join(screenshots, `embed-${name}-button.png`) });

    await press();
    const conversationId = await ask("没签合同怎么办");
    expect(service.conversations.find(conversationId)?.origin).toBe("yubei-site");
    await page.screenshot({ path: join(screenshots, `embed-${name}-open.png`) });
    const panel = await page.getByRole("dialog", { name: "问工会" }).boundingBox();
    if (name === "phone") expect(panel).toEqual({ x: 0, y: 0, ...phone.viewport });
    else expect(panel?.width).toBeLessThan(500);
    expect(await context.cookies()).toEqual([]);
  });

  it("may do only what it needs", async () => {
    await page.goto(siteUrl);
    await press();
    const frame = page.locator("iframe");
    expect((await frame.getAttribute("sandbox"))?.split(" ").sort()).toEqual([
      "allow-forms",
      "allow-same-origin",
      "allow-scripts",
      "allow-top-navigation-to-custom-protocols",
    ]);
    expect(await frame.getAttribute("allow")).toBe("");
    expect(await frame.getAttribute("title")).toBe("问工会");
  });

  it("closes by its own button, goes on where it was, and gives the focus back", async () => {
    await page.goto(siteUrl);
    await page.evaluate("document.documentElement.style.overflow = 'clip'");
    await press();
    await ask("第一问");
    expect(await page.evaluate("document.documentElement.style.overflow")).toBe("hidden");
    expect(await page.evaluate("document.activeElement.shadowRoot?.activeElement?.tagName")).toBe("IFRAME");
    await inside().getByRole("button", { name: "关闭" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(await page.evaluate("document.documentElement.style.overflow")).toBe("clip");
    expect(await focused()).toBe("问工会");
    await button().click();
    await inside().getByText("答：第一问").waitFor();
    expect(requests.filter((url) => url.includes("/?embed="))).toHaveLength(1);
  });

  it("closes by Escape, inside and outside of it", async () => {
    await context.close();
    await open(desktop);
    await page.goto(siteUrl);
    await press();
    await inside().getByLabel("写下您的问题").press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    await button().click();
    await page.getByRole("button", { name: "关闭" }).last().focus();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "hidden" });
  });

  it("does not take what comes while it is hidden for read", async () => {
    await page.goto(siteUrl);
    await press();
    const conversationId = await ask("第一问");
    await inside().getByRole("button", { name: "关闭" }).click();
    await expect.poll(() => service.events.conversations, patiently).toBe(0);
    const [later] = service.conversations.answer(conversationId, [
      { sender: "mediator", text: "我是调解员" },
    ]);
    await button().click();
    await inside().getByText("我是调解员").waitFor();
    await expect
      .poll(() => service.conversations.acknowledged.some(({ seq }) => seq === later?.seq), patiently)
      .toBe(true);
    const before = service.conversations.acknowledged.filter((one) => one.conversationId === conversationId);
    expect(before.slice(0, -1).every(({ seq }) => seq < (later?.seq ?? 0))).toBe(true);
  });

  it("stands once, although the line stands there twice", async () => {
    body = `${body}${body.replace(" async", "")}`;
    await page.goto(siteUrl);
    await button().waitFor();
    expect(await page.locator("niangjia-embed").count()).toBe(1);
    expect(await button().count()).toBe(1);
  });

  it("leaves no name in the site", async () => {
    const names = async () => (await page.evaluate("Object.getOwnPropertyNames(window)")) as string[];
    const withScript = body;
    body = "";
    await page.goto(siteUrl);
    const before = await names();
    body = withScript;
    await page.goto(siteUrl);
    await button().waitFor();
    expect((await names()).filter((name) => !before.includes(name))).toEqual([]);
  });

  it("works under a strict policy of the site, and from its head", async () => {
    policy = `default-src 'none'; script-src ${service.url}; frame-src ${service.url}`;
    await page.goto(siteUrl);
    await press();
    expect((await inside().locator(".app").boundingBox())?.width).toBe(phone.viewport.width);
  });

  it("is not closed by anybody else's message", async () => {
    await page.goto(siteUrl);
    await press();
    await page.evaluate("postMessage('niangjia:close', '*')");
    await page.evaluate(`(() => {
      const other = document.body.appendChild(document.createElement('iframe'));
      other.contentWindow.eval("parent.postMessage('niangjia:close', '*')");
    })()`);
    await ask("还在吗");
    expect(await page.getByRole("dialog").isVisible()).toBe(true);
  });

  it("works where the browser gives a frame no storage", async () => {
    await page.addInitScript(
      `for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, { get() { throw new Error('SecurityError') } })`,
    );
    await page.goto(siteUrl);
    await press();
    await ask("没签合同怎么办");
  });

  it("can be closed where the service does not allow the site, or does not answer", async () => {
    const strict = await startMemoryService({ app: { pagesDir, embedOrigins: ["https://other.example"] } });
    body = body.replace(service.url, strict.url);
    await page.goto(siteUrl);
    await button().click();
    await page.getByText("正在打开").waitFor();
    await page.getByRole("button", { name: "关闭" }).click();
    await page.getByRole("dialog").waitFor({ state: "hidden" });
    expect(requests.filter((url) => url.includes("/api/"))).toEqual([]);
    await strict.server.stop(0);
  });

  it("scrolls in no direction but down, also in large type on a small phone", async () => {
    await page.setViewportSize({ width: 320, height: 568 });
    await page.goto(siteUrl);
    await press();
    await inside().getByRole("button", { name: "大字" }).click();
    const overflow = await inside()
      .locator("html")
      .evaluate((element) => {
        const { scrollWidth, clientWidth } = element as unknown as {
          scrollWidth: number;
          clientWidth: number;
        };
        return scrollWidth - clientWidth;
      });
    expect(overflow).toBeLessThanOrEqual(0);
    const close = await inside().getByRole("button", { name: "关闭" }).boundingBox();
    expect(Math.min(close?.width ?? 0, close?.height ?? 0)).toBeGreaterThanOrEqual(44);
    await page.screenshot({ path: join(screenshots, "embed-small-large-type.png") });
  });
});
