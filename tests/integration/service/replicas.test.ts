import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { type BotApi, startBotApi } from "../../support/bot-api/start-bot-api.ts";
import { describePostgres, openTemporaryPostgres, type TemporaryDatabase } from "../../support/databases.ts";
import { S3Server } from "../../support/s3-server.ts";
import { makeJpeg } from "../../support/sample-media.ts";
import { ServiceSite } from "./service-site.ts";
import { patience, shownAfter, telegramSettings } from "./telegram-service.ts";
import { knownVisitor, openVisitor, readEvents } from "./visitor.ts";

describePostgres("two replicas on PostgreSQL", () => {
  const photo = makeJpeg(40, 40);
  const bucket = new S3Server();
  let temporary: TemporaryDatabase;
  let database: { DATABASE_URL: string };
  let api: BotApi;
  let first: ServiceSite;
  let second: ServiceSite;
  /** The one that holds Telegram, and the one that is ready to take over. */
  let polling: ServiceSite;
  let standby: ServiceSite;

  beforeAll(async () => {
    temporary = await openTemporaryPostgres();
    api = await startBotApi();
    database = { DATABASE_URL: temporary.databaseUrl ?? "" };
    const settings = {
      ...telegramSettings(api),
      ...database,
      FILES_URL: await bucket.start(),
      FILES_ACCESS_KEY: bucket.accessKey,
      FILES_SECRET_KEY: bucket.secretKey,
    };
    first = await ServiceSite.open(settings);
    second = await ServiceSite.open(settings, first);
    const states = () => Promise.all([first, second].map(telegramOf));
    await vi.waitFor(async () => expect((await states()).toSorted()).toEqual(["ready", "standby"]), patience);
    [polling, standby] = (await telegramOf(first)) === "ready" ? [first, second] : [second, first];
  });
  afterAll(async () => {
    await first?.close();
    await second?.close();
    await api?.close();
    await bucket.stop();
    await temporary?.remove();
  });

  async function telegramOf(site: ServiceSite): Promise<string | undefined> {
    const { channels } = (await (await fetch(`${site.url}/readyz`)).json()) as {
      channels: Record<string, { state: string }>;
    };
    return channels.telegram?.state;
  }

  it("share a web visitor, who writes to one and reads from the other", async () => {
    const here = await openVisitor(first.url);
    const there = knownVisitor(second.url, here.token);
    const closing = new AbortController();
    const events = await there.get("/api/events?after=0", { accept: "text/event-stream" }, closing.signal);
    expect((await here.say("年休假一年有几天")).status).toBe(202);
    const seen: string[] = [];
    for await (const { event, data } of readEvents(events)) {
      if (event !== "message") continue;
      seen.push(String(data?.sender));
      if (data?.sender !== "bot") continue;
      expect(data.text).toContain("《职工带薪年休假条例》");
      break;
    }
    closing.abort();
    expect(seen).toEqual(["contact", "bot"]);
    const both = await Promise.all([here.messages(), there.messages()]);
    expect(both[0]).toEqual(both[1]);
  });

  it("share the files, in a bucket", async () => {
    const here = await openVisitor(first.url);
    const there = knownVisitor(second.url, here.token);
    const upload = await here.send(
      "/api/files?kind=photo",
      Uint8Array.from(photo),
      "application/octet-stream",
    );
    expect(upload.status).toBe(201);
    const { id } = (await upload.json()) as { id: string };
    const sent = await there.send(
      "/api/messages",
      JSON.stringify({ clientId: "a", text: "", attachments: [id] }),
    );
    expect(sent.status).toBe(202);
    const bytes = new Uint8Array(await (await there.get(`/api/files/${id}`)).arrayBuffer());
    expect(Buffer.from(bytes).equals(photo)).toBe(true);
    const worker = api.newPerson();
    await shownAfter(worker, 2, () => worker.sendsFile("photo", photo));
    expect([...bucket.objects.values()].filter((object) => object.equals(photo))).toHaveLength(2);
  });

  it("beside one that keeps files in a folder of its own lose none: that one takes none", async () => {
    const third = await ServiceSite.open(database, first);
    try {
      const visitor = await openVisitor(third.url);
      const upload = await visitor.send(
        "/api/files?kind=photo",
        Uint8Array.from(photo),
        "application/octet-stream",
      );
      expect(upload.status).toBe(503);
      expect(await upload.text()).toMatch(/files\.unavailable.*\p{Script=Han}/u);
      expect((await visitor.say("婚假有几天")).status).toBe(202);
      await expect
        .poll(async () => (await visitor.messages()).map(({ sender }) => sender), patience)
        .toEqual(["contact", "bot"]);
      expect(third.output).toMatch(/no files are taken until FILES_URL is set/u);
    } finally {
      await third.close();
    }
  });

  it("lose nothing and answer nothing twice when the one that polls Telegram is killed", async () => {
    const people = Array.from({ length: 3 }, () => api.newPerson());
    for (const person of people) await shownAfter(person, 2, () => person.sends("你好"));
    for (const person of people) {
      person.sends("老板三个月没发工资了");
      person.sends("我该找谁");
    }
    // Handed over: whatever becomes of them now, Telegram will not bring them again.
    await expect.poll(() => api.pending.length, { ...patience, interval: 1 }).toBe(0);
    await polling.kill();
    const late = people.map((person) => person.sends("婚假有几天"));
    expect(late).toHaveLength(people.length);
    await expect.poll(() => telegramOf(standby), patience).toBe("ready");
    for (const person of people) {
      await expect.poll(() => person.texts.filter((text) => text.includes("婚假")).length, patience).toBe(1);
      expect(person.texts.filter((text) => /欠薪|劳动监察/u.test(text))).toHaveLength(1);
    }
    await polling.start();
    await expect.poll(() => telegramOf(polling), patience).toBe("standby");
    const remains = await standby.remains();
    const received = remains
      .rows("messages")
      .filter(({ sender, external_id }) => sender === "contact" && external_id !== "a");
    expect(new Set(received.map(({ external_id }) => external_id)).size).toBe(received.length);
    expect(received.filter(({ answered_at }) => answered_at === null)).toEqual([]);
    expect(remains.rows("deliveries").filter(({ repeated }) => repeated)).toEqual([]);
  });
});
