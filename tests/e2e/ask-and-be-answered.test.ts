import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { tokenKey } from "../../src/pages/chat/storage-keys.ts";
import { chromiumPath, launchChromium } from "../support/chromium.ts";
import { OpenAiServer } from "../support/openai-server.ts";
import { makeJpeg } from "../support/sample-media.ts";
import { type ServiceProcess, startServiceProcess } from "../support/service-process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Looked at by people; no test reads them. */
const screenshots = join(root, "reports", "screenshots");
const question = "公司一直不签合同我能要什么赔偿";
const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };
const desktop = { viewport: { width: 1280, height: 800 } };

if (chromiumPath === undefined) {
  process.stdout.write("ask-and-be-answered: skipped, no Chromium (set CHROMIUM or install Debian's)\n");
}

describe.skipIf(chromiumPath === undefined)("a worker asks the real service", () => {
  let browser: Browser;
  let dataDir: string;
  let service: ServiceProcess;
  let context: BrowserContext;
  let page: Page;
  const faults: string[] = [];

  const start = (port = "0", model: Record<string, string> = {}) =>
    startServiceProcess({ DATA_DIR: dataDir, PORT: port, LOG_LEVEL: "warn", ...model });
  const open = async (options: BrowserContextOptions) => {
    context = await browser.newContext(options);
    page = await context.newPage();
    page.on("pageerror", (error) => faults.push(error.message));
  };
  const shoot = (name: string) => page.screenshot({ path: join(screenshots, `${name}.png`) });
  const composer = () => page.getByLabel("写下您的问题");
  const ask = async (text: string) => {
    await composer().fill(text);
    await composer().press("Enter");
  };
  const answer = () => page.locator(".bubble.bot:has(.ratings)").last();
  const token = async () => String(await page.evaluate(`localStorage.getItem("${tokenKey}")`));
  const stored = async () => {
    const visitor = await token();
    const response = await fetch(`${service.url}/api/messages?after=0`, {
      headers: { authorization: `Bearer ${visitor}` },
    });
    return (await response.json()) as {
      messages: {
        id: string;
        sender: string;
        text: string;
        rating?: string;
        replyTo?: string;
        attachments?: { id: string }[];
      }[];
    };
  };

  beforeAll(async () => {
    execFileSync(process.execPath, [join(root, "scripts", "build-pages.mjs"), "--if-stale"]);
    mkdirSync(screenshots, { recursive: true });
    dataDir = await mkdtemp(join(tmpdir(), "niangjia-e2e-"));
    browser = await launchChromium(chromiumPath ?? "");
    service = await start();
  });
  beforeEach(async () => {
    await open(phone);
    await page.goto(service.url);
    await page.locator(".chip").first().waitFor();
  });
  afterEach(async () => {
    await context.close();
    expect(faults.splice(0)).toEqual([]);
  });
  afterAll(async () => {
    await browser?.close();
    await service?.kill();
    await rm(dataDir, { recursive: true, force: true });
  });

  it.each([
    ["phone", phone],
    ["desktop", desktop],
  ])("and reads the double-wage rule, its article and its source on a %s", async (name, options) => {
    await context.close();
    await open(options);
    await page.goto(service.url);
    await page.locator(".chip").first().waitFor();
    await shoot(`${name}-start`);
    await ask(question);
    await answer().waitFor();
    const conclusion = answer().locator(".conclusion");
    expect(await conclusion.textContent()).toMatch(/(?:二|双|两)倍.*工资/);
    expect(await conclusion.isVisible()).toBe(true);
    expect(await answer().locator("ol li").first().isVisible()).toBe(true);
    await shoot(`${name}-answer`);

    const grounds = answer().getByRole("button", { name: /依据和细节/ });
    expect(await grounds.getAttribute("aria-expanded")).toBe("false");
    // The article is named without a tap, the rule itself behind one.
    expect(await grounds.textContent()).toMatch(/《劳动合同法》[^；]*第八十二条/);
    await grounds.click();
    await answer()
      .locator(".details-body li")
      .filter({ hasText: "二倍" })
      .filter({ hasText: "第八十二条" })
      .first()
      .waitFor();
    await shoot(`${name}-grounds`);

    await answer()
      .getByRole("button", { name: /^来源（/ })
      .click();
    await answer()
      .getByText(/《劳动合同法》.*第八十二条/)
      .first()
      .waitFor();
    await shoot(`${name}-sources`);
    await answer().locator(".source").first().click();
    const dialog = page.getByRole("dialog", { name: /二倍工资/ });
    await dialog.locator("mark").first().waitFor();
    expect(await dialog.textContent()).toContain("第八十二条");
    await shoot(`${name}-passage`);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
  });

  it("and the thumb stays with the answer over a reload", async () => {
    await ask(question);
    await answer().getByRole("button", { name: "有用", exact: true }).click();
    await page.getByText("记下了，谢谢您").waitFor();
    expect((await stored()).messages.find(({ sender }) => sender === "bot")?.rating).toBe("up");
    await page.reload();
    await page.locator(".bubble.own", { hasText: question }).waitFor();
    expect(
      await answer().getByRole("button", { name: "有用", exact: true }).getAttribute("aria-pressed"),
    ).toBe("true");
    expect((await stored()).messages).toHaveLength(2);
  });

  it("and sends a photo, which the service keeps and gives back", async () => {
    const buffer = makeJpeg(640, 480);
    await page
      .getByLabel("加照片或文件")
      .setInputFiles({ name: "工资条.jpg", mimeType: "image/jpeg", buffer });
    await page.getByText("传好了").waitFor();
    await ask("这是我的工资条");
    await page.locator(".bubble.own .attachments").waitFor();
    await expect.poll(async () => (await stored()).messages.length, { timeout: 60_000 }).toBeGreaterThan(1);
    const [{ attachments } = { attachments: undefined }] = (await stored()).messages;
    expect(attachments).toMatchObject([{ kind: "photo", name: "工资条.jpg", size: buffer.length }]);
    const headers = { authorization: `Bearer ${await token()}` };
    const back = await fetch(`${service.url}/api/files/${attachments?.[0]?.id}`, { headers });
    expect(Buffer.from(await back.arrayBuffer()).equals(buffer)).toBe(true);
  });

  it("and goes on with a short question in the same matter", async () => {
    await ask("劳动仲裁怎么申请");
    await answer().waitFor();
    await ask("那要多久呢");
    await page.locator(".bubble.bot:has(.ratings)").nth(1).waitFor();
    expect(await answer().textContent()).toContain("裁决");
  });

  it("and nothing is lost when the service is killed: a stored message is answered after the restart", async () => {
    await ask(question);
    await answer().waitFor();
    const port = new URL(service.url).port;
    await service.kill();
    // A model that never answers holds the turn, so that the process dies between storing and answering.
    const model = new OpenAiServer("hang");
    service = await start(port, {
      LLM_MODEL: "test",
      LLM_BASE_URL: await model.start(),
      LLM_TIMEOUT_MS: "60000",
    });
    await ask("年休假一年有几天");
    await expect.poll(() => model.requests.length, { timeout: 60_000 }).toBe(1);
    expect((await stored()).messages).toHaveLength(3);
    await service.kill("SIGKILL");
    await model.stop();
    service = await start(port);
    await page
      .getByText(/连续工作满12个月/)
      .first()
      .waitFor({ timeout: 60_000 });
    const { messages } = await stored();
    const asked = messages.filter(({ sender }) => sender === "contact");
    expect(asked).toHaveLength(2);
    for (const { id } of asked) expect(messages.filter(({ replyTo }) => replyTo === id)).toHaveLength(1);
    await page.reload();
    await page.locator(".bubble.own", { hasText: question }).waitFor();
    expect(await page.locator(".bubble.bot:has(.ratings)").count()).toBe(2);
  });

  it("and is answered where the event stream is cut", async () => {
    await context.route("**/api/events*", (route) => route.abort());
    await ask(question);
    await answer().waitFor({ timeout: 60_000 });
    expect(await answer().locator(".conclusion").textContent()).toMatch(/(?:二|双|两)倍/);
  });

  it("and needs nothing but a keyboard", async () => {
    const focused = () =>
      page.evaluate(
        "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent",
      );
    const tabTo = async (name: RegExp) => {
      for (let presses = 0; presses < 60; presses += 1) {
        if (name.test(String(await focused()))) return;
        await page.keyboard.press("Tab");
      }
      throw new Error(`The focus does not reach ${name}`);
    };
    await tabTo(/写下您的问题/);
    await page.keyboard.type(question);
    await page.keyboard.press("Enter");
    await answer().waitFor();
    await page.evaluate("document.querySelector('.log').focus()");
    await tabTo(/看来源1/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").locator("mark").first().waitFor();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(async () => String(await focused()), { timeout: 20_000 }).toContain("看来源1");
    await tabTo(/依据和细节/);
    await page.keyboard.press("Space");
    expect(
      await answer()
        .getByRole("button", { name: /依据和细节/ })
        .getAttribute("aria-expanded"),
    ).toBe("true");
    await tabTo(/^有用$/);
    await page.keyboard.press("Space");
    await page.getByText("记下了，谢谢您").waitFor();
  });

  it("and reads in large type on a small phone without sideways scrolling", async () => {
    await page.getByRole("button", { name: "大字" }).click();
    await ask(question);
    await answer().waitFor();
    await answer()
      .getByRole("button", { name: /依据和细节/ })
      .click();
    await answer()
      .getByRole("button", { name: /^来源（/ })
      .click();
    for (const [width, height] of [
      [390, 844],
      [320, 568],
    ] as const) {
      await page.setViewportSize({ width, height });
      expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      expect(
        await page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('.log'))"),
      ).toBe(0);
      await answer().locator(".conclusion").scrollIntoViewIfNeeded();
      await shoot(`large-type-${width}`);
    }
  });
});
