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

/** Milliseconds for one check. */
const checkTimeout = 2_000;

/** `/healthz`: the process lives. `/readyz`: 200 when every required check is ok, else 503. */
export function mountHealth(app: OpenAPIHono, checks: HealthChecks): void {
  app.get("/healthz", (c) => c.json({ status: "ok" }));
  app.get("/readyz", async (c) => {
    const entries = Object.entries(checks);
    const states = await Promise.all(entries.map(([, { check }]) => stateOf(check)));
    const ready = entries.every(([, { required }], index) => !required || states[index] === "ok");
    const shown = Object.fromEntries(entries.map(([name], index) => [name, states[index]]));
    return c.json({ status: ready ? "ok" : "unavailable", checks: shown }, ready ? 200 : 503);
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
