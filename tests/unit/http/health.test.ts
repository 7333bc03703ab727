import { OpenAPIHono } from "@hono/zod-openapi";
import { describe, expect, it } from "vitest";
import { type CheckState, mountHealth, type ShownChannel } from "../../../src/http/health.ts";

async function readyz(storage: CheckState, channels?: () => Record<string, ShownChannel>) {
  const app = new OpenAPIHono();
  mountHealth(
    app,
    {
      storage: { required: true, check: () => storage },
      knowledge: { required: true, check: () => "ok" },
      model: { required: false, check: () => "off" },
    },
    channels,
  );
  const response = await app.request("/readyz");
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const since = "2026-11-21T02:00:00.000Z";

describe("/readyz", () => {
  it("shows every channel, and stays ready while one is down", async () => {
    const telegram = { state: "down", reason: "Telegram cannot be reached (ECONNREFUSED).", since };
    const { status, body } = await readyz("ok", () => ({ web: { state: "ready", since }, telegram }));
    expect(status).toBe(200);
    expect(body).toMatchObject({ status: "ok", channels: { web: { state: "ready", since }, telegram } });
  });

  it("is not ready while the storage fails, however well the channels are", async () => {
    const { status, body } = await readyz("failing", () => ({ web: { state: "ready", since } }));
    expect(status).toBe(503);
    expect(body).toMatchObject({ status: "unavailable", channels: { web: { state: "ready" } } });
  });

  it("shows of a channel what is meant to be shown and nothing else", async () => {
    const channel = { state: "ready", since, token: "s3cret" };
    const { body } = await readyz("ok", () => ({ telegram: channel }));
    expect(body.channels).toEqual({ telegram: { state: "ready", since } });
  });

  it("says nothing of channels where there are none to watch", async () => {
    expect((await readyz("ok")).body).not.toHaveProperty("channels");
  });
});
