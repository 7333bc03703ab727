import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chromiumPath, launchChromium } from "../support/chromium.ts";
import { type FakeWorkerApi, startFakeWorkerApi } from "../support/fake-worker-api.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const pagesDir = join(root, "dist", "pages");
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

beforeAll(() => {
  execFileSync(process.execPath, [join(root, "scripts", "build-pages.mjs"), "--if-stale"]);
});

describe("the built worker page", () => {
  it("is at most 40 kB gzipped in all", () => {
    const html = readFileSync(join(pagesDir, "index.html"), "utf8");
    const files = readdirSync(join(pagesDir, "assets")).filter((name) => html.includes(name));
    const contents = [html, ...files.map((name) => readFileSync(join(pagesDir, "assets", name)))];
    expect(files.length).toBeGreaterThanOrEqual(2);
    expect(contents.reduce((sum, content) => sum + gzipSync(content).length, 0)).toBeLessThan(40_000);
  });

  it("holds no syntax and no function that the oldest phones lack", () => {
    const name = readdirSync(join(pagesDir, "assets")).find((file) => /^chat-.*\.js$/.test(file)) ?? "";
    const script = readFileSync(join(pagesDir, "assets", name), "utf8");
    for (const missing of [
      /\?\.[a-z[(]/i,
      /\?\?/,
      /\(\?<[=!]/,
      /\.replaceChildren\(/,
      /\.matchAll\(/,
      /\.at\(/,
      /fromEntries\(/,
    ]) {
      expect(script).not.toMatch(missing);
    }
  });
});

if (chromiumPath === undefined) {
  process.stdout.write("chat-page: skipped, no Chromium (set CHROMIUM or install Debian's chromium)\n");
}

describe.skipIf(chromiumPath === undefined)("the worker page in Chromium", () => {
  let browser: Browser;
  let server: FakeWorkerApi;
  let context: BrowserContext;
  let page: Page;
  let requests: string[];
  let faults: string[];

  beforeAll(async () => {
    browser = await launchChromium(chromiumPath ?? "");
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    server = await startFakeWorkerApi({ pagesDir });
    context = await browser.newContext(phone);
    page = await context.newPage();
    requests = [];
    faults = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => faults.push(error.message));
    page.on("console", (line) => {
      if (line.type() === "error" && !line.text().startsWith("Failed to load resource"))
        faults.push(line.text());
    });
    await page.goto(server.url);
    await page.locator(".chip").first().waitFor();
  });
  afterEach(async () => {
    await context.close();
    await server.close();
    expect(faults).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(server.url))).toEqual([]);
  });

  const composer = () => page.getByLabel("写下您的问题");
  const ask = async (text: string) => {
    await composer().fill(text);
    await composer().press("Enter");
  };
  const focused = () => page.evaluate("document.activeElement.textContent");

  it("says that it is a machine and how to reach a person, and answers an example with sources", async () => {
    await page.getByText("机器助手，不是真人").waitFor();
    await page.getByText("一般信息，不是法律意见").waitFor();
    await page.getByRole("button", { name: "打热线" }).click();
    expect(await page.getByRole("link", { name: /12351/ }).getAttribute("href")).toBe("tel:12351");
    await page.getByRole("button", { name: "打热线" }).click();
    await page.getByRole("button", { name: "公司一直不签合同我能要什么赔偿" }).click();
    const sources = page.getByRole("button", { name: "来源（3）" });
    await sources.waitFor();
    expect(await sources.getAttribute("aria-expanded")).toBe("false");
    await sources.click();
    await page.getByRole("button", { name: /第八十二条.*2013/ }).waitFor();
    expect(await page.locator(".chip").count()).toBe(0);
    await page.getByRole("button", { name: "找人帮忙" }).click();
    await page.getByText("已经记下您要找人").waitFor();
    expect(server.stored().map(({ text }) => text)).toContain("我要找人工");
  });

  it("opens the passage with the quote marked, keeps the focus inside and gives it back", async () => {
    await ask("不签合同");
    const mark = page.getByRole("button", { name: /看来源1/ });
    await mark.click();
    const dialog = page.getByRole("dialog", { name: "中华人民共和国劳动合同法" });
    await dialog.getByText("第八十三条").waitFor();
    expect(await dialog.locator("mark").textContent()).toMatch(/^用人单位自用工之日起.*二倍的工资。$/);
    await dialog.getByText("2013-07-01").waitFor();
    expect(await focused()).toBe("关闭");
    for (const key of ["Tab", "Tab", "Shift+Tab", "Tab", "Tab", "Tab"]) {
      await page.keyboard.press(key);
      expect(await page.evaluate("document.querySelector('.dialog').contains(document.activeElement)")).toBe(
        true,
      );
    }
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    expect(await page.evaluate("document.activeElement.getAttribute('aria-label')")).toContain("看来源1");
  });

  it("closes the passage with the phone's back button and stays on the page", async () => {
    await ask("不签合同");
    await page.getByRole("button", { name: /看来源1/ }).click();
    await page.getByRole("dialog").waitFor();
    await page.evaluate("history.back()");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByText("公司超过一个月不签书面合同").waitFor();
  });

  it("says calmly that a withdrawn passage is gone", async () => {
    await ask("不签合同");
    await page.getByRole("button", { name: /看来源2/ }).click();
    await page.getByRole("dialog").getByText("这份资料已经撤下").waitFor();
  });

  it("shows markup of a reply as text", async () => {
    await ask("尖括号");
    await page.getByText('<img src=x onerror="document.title=1">').waitFor();
    expect(await page.locator(".log img, .log b").count()).toBe(0);
    expect(await page.title()).toBe("渝工娘家人 · 重庆市总工会");
  });

  it("sends with Enter, breaks the line with Shift+Enter and leaves an input method alone", async () => {
    await composer().pressSequentially("第一行");
    await composer().press("Shift+Enter");
    await composer().pressSequentially("第二行");
    await composer().dispatchEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
    await composer().dispatchEvent("keydown", { key: "Enter", keyCode: 229, bubbles: true });
    expect(await composer().inputValue()).toBe("第一行\n第二行");
    expect(server.stored()).toEqual([]);
    await composer().press("Enter");
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
    expect(server.stored()[0]?.text).toBe("第一行\n第二行");
    expect(await composer().inputValue()).toBe("");
  });

  it("stops politely at the limit and sends nothing", async () => {
    await composer().fill("字".repeat(3700));
    await page.getByText("还可以写300字").waitFor();
    await composer().fill("字".repeat(4003));
    await page.getByText("太长了，多了3字").waitFor();
    await composer().press("Enter");
    expect(await composer().inputValue()).toHaveLength(4003);
    expect(server.stored()).toEqual([]);
  });

  it("keeps conversation, draft, rating and large type over a reload", async () => {
    await ask("不签合同");
    await page.getByRole("button", { name: "没用" }).click();
    await page.getByText("可以找人帮您").waitFor();
    await page.getByRole("button", { name: "大字" }).click();
    await composer().fill("写了一半");
    await page.reload();
    await page.getByText("公司超过一个月不签书面合同").waitFor();
    expect(await composer().inputValue()).toBe("写了一半");
    expect(await page.getByRole("button", { name: "没用" }).getAttribute("aria-pressed")).toBe("true");
    expect(await page.evaluate("getComputedStyle(document.documentElement).fontSize")).toBe("22px");
    expect(server.stored()).toHaveLength(2);
  });

  it("keeps a message that could not be sent, over a reload, and sends it by a tap", async () => {
    server.behaviour.sending = "unavailable";
    await ask("老板不给钱");
    await page.getByRole("button", { name: /服务正在重启.*点这里重发/ }).waitFor();
    await page.reload();
    server.behaviour.sending = "work";
    await page.getByRole("button", { name: /点这里重发/ }).click();
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
    expect(server.stored().filter(({ sender }) => sender === "contact")).toHaveLength(1);
  });

  it("says that the network is gone and goes on by itself when it is back", async () => {
    await ask("第一");
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
    await context.setOffline(true);
    server.cutStreams();
    await ask("没有的事");
    await page.getByRole("button", { name: "没发出去，点这里重发" }).waitFor();
    await page.getByText("网络不太好").waitFor();
    await context.setOffline(false);
    await page.getByText("这件事我没有找到依据").waitFor();
    await page.getByText("网络不太好").waitFor({ state: "detached" });
  });

  it("answers where an in-app browser holds the stream back", async () => {
    server.behaviour.streams = "hold";
    await ask("不签合同");
    await page.getByRole("button", { name: "来源（3）" }).waitFor({ timeout: 20_000 });
  });

  it("works where local storage is blocked", async () => {
    const blocked = await context.newPage();
    await blocked.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new Error('SecurityError') } })",
    );
    await blocked.goto(server.url);
    await blocked.locator(".chip").first().click();
    await blocked.getByRole("button", { name: "来源（3）" }).waitFor();
  });

  it("reads out new messages, not the history, the preview or what is unfolded", async () => {
    await ask("不签合同");
    await page.getByRole("button", { name: "来源（3）" }).waitFor();
    const log = page.getByRole("log");
    expect(await log.getAttribute("aria-live")).toBe("polite");
    expect(await page.getByRole("log").locator("[aria-live=off]").count()).toBeGreaterThanOrEqual(2);
    const unnamed =
      "[...document.querySelectorAll('button, a, textarea')].filter((e) => !(e.textContent || e.ariaLabel)).length";
    expect(await page.evaluate(unnamed)).toBe(0);
    expect(await page.evaluate("document.documentElement.lang")).toBe("zh-CN");
  });

  it("has targets of at least 44 pixels and no sideways scrolling, also small and large", async () => {
    await ask("不签合同");
    await page.getByRole("button", { name: "来源（3）" }).click();
    await page.getByRole("button", { name: "打热线" }).click();
    const tooSmall = `[...document.querySelectorAll('button:not(.citation), .hotline, textarea')]
      .map((e) => [e.textContent, e.getBoundingClientRect()])
      .filter(([, box]) => box.height > 0 && (box.height < 44 || box.width < 44))
      .map(([text, box]) => text + ' ' + box.width + 'x' + box.height)`;
    expect(await page.evaluate(tooSmall)).toEqual([]);
    await page.setViewportSize({ width: 320, height: 568 });
    await page.getByRole("button", { name: "大字" }).click();
    const overflow = "document.documentElement.scrollWidth - innerWidth";
    expect(await page.evaluate(overflow)).toBeLessThanOrEqual(0);
    expect(await page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.log'))")).toBe(
      0,
    );
  });
});
