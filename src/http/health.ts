import type { OpenAPIHono } from "@hono/zod-openapi";

/** `off`: not configured, which is no fault. */
export type CheckState = "ok" | "failing" | "off";

export interface HealthCheck {
  /** Whether the service cannot do its work without it. */
  readonly required: boolean;
  /** Throwing, and taking longer than the signal allows, count as failing. */
  readonly check: (signal: AbortSignal) => CheckState | Promise<CheckState>;
}

export type HealthChecks = Readonly<Record<"storage" | "knowledge" | "model", HealthCheck>>;

/** A way in and out, as `/readyz` shows it. */
export interface ShownChannel {
  readonly state: string;
  readonly reason?: string;
  /** ISO timestamp. */
  readonly since: string;
}

/** Milliseconds for one check. */
const checkTimeout = 2_000;

/**
 * `/healthz`: the process lives. `/readyz`: 200 when every required check is ok, else 503. Channels are shown there
 * and change nothing: one that is down takes no request away from this process.
 */
export function mountHealth(
  app: OpenAPIHono,
  checks: HealthChecks,
  channels?: () => Readonly<Record<string, ShownChannel>>,
): void {
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const entries = Object.entries(checks);
    const states = await Promise.all(entries.map(([, { check }]) => stateOf(check)));
    const ready = entries.every(([, { required }], index) => !required || states[index] === "ok");
    const shown = Object.fromEntries(entries.map(([name], index) => [name, states[index]]));
    const status = ready ? "ok" : "unavailable";
    const more = channels === undefined ? {} : { channels: shownChannels(channels()) };
    return c.json({ status, checks: shown, ...more }, ready ? 200 : 503);
  });
}

async function stateOf(check: HealthCheck["check"]): Promise<CheckState> {
  const signal = AbortSignal.timeout(checkTimeout);
  const late = new Promise<CheckState>((resolve) => {
    signal.addEventListener("abort", () => resolve("failing"), { once: true });
  });
  try {
    return await Promise.race([check(signal), late]);
  } catch {
    return "failing";
  }
}

/** Only what is meant to be shown, whatever else a channel tells. */
function shownChannels(channels: Readonly<Record<string, ShownChannel>>): Record<string, ShownChannel> {
  return Object.fromEntries(
    Object.entries(channels).map(([name, { state, reason, since }]) => [
      name,
      { state, ...(reason === undefined ? {} : { reason }), since },
    ]),
  );
}
