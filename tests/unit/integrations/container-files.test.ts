import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { settingDefaults } from "../../../src/settings.ts";

/** There is no Docker engine where this is developed: what can be checked without one is checked here. */
const root = fileURLToPath(new URL("../../../", import.meta.url));
const read = (name: string) => readFileSync(`${root}${name}`, "utf8");

describe("the Dockerfile", () => {
  const lines = read("Dockerfile").replace(/\\\n/g, " ").split("\n");
  const copied = lines
    .filter((line) => line.startsWith("COPY ") && !line.includes("--from="))
    .flatMap((line) => line.split(/\s+/).slice(1, -1));

  it("copies only what is there and not kept out by .dockerignore", () => {
    const allowed = read(".dockerignore").split("\n");
    expect(copied).toContain("src");
    for (const path of copied) {
      expect(existsSync(`${root}${path}`), path).toBe(true);
      expect(allowed, path).toContain(`!${path}`);
    }
  });

  it("takes from other stages only what they make", () => {
    const stages = lines.flatMap((line) => /^FROM \S+ AS (\w+)/.exec(line)?.[1] ?? []);
    const sources = lines.flatMap((line) => /^COPY --from=(\w+)/.exec(line)?.[1] ?? []);
    expect(sources.sort()).toEqual(stages.sort());
  });

  it("runs the entry itself, as a user without rights", () => {
    expect(lines).toContain('CMD ["node", "src/start.mjs"]');
    expect(lines).toContain("USER node");
    expect(lines.indexOf("USER node")).toBeGreaterThan(
      lines.findLastIndex((line) => line.startsWith("RUN ")),
    );
  });
});

describe("the compose file", () => {
  const text = read("compose.yaml");
  const compose = parse(text, { merge: true }) as {
    services: Record<string, Service>;
    volumes: Record<string, unknown>;
    configs: Record<string, { content: string }>;
  };
  interface Service {
    image: string;
    environment?: Record<string, string>;
    volumes?: string[];
    configs?: { source: string }[];
    depends_on?: string[] | Record<string, { condition: string }>;
    healthcheck?: unknown;
  }
  const services = Object.entries(compose.services);

  it("names only services, volumes and configs that it has", () => {
    for (const [name, { volumes = [], configs = [], depends_on = [] }] of services) {
      const needed = Array.isArray(depends_on) ? depends_on : Object.keys(depends_on);
      expect(Object.keys(compose.services), name).toEqual(expect.arrayContaining(needed));
      expect(Object.keys(compose.volumes), name).toEqual(
        expect.arrayContaining(volumes.map((volume) => volume.split(":")[0])),
      );
      expect(Object.keys(compose.configs), name).toEqual(
        expect.arrayContaining(configs.map(({ source }) => source)),
      );
    }
  });

  it("waits for health only where it is checked", () => {
    for (const [, { depends_on = {} }] of services) {
      if (Array.isArray(depends_on)) continue;
      for (const [needed, { condition }] of Object.entries(depends_on)) {
        if (condition === "service_healthy") expect(compose.services[needed]?.healthcheck).toBeDefined();
      }
    }
  });

  it("has no password of its own: each must be given", () => {
    const secrets = services.flatMap(([, { environment = {} }]) =>
      Object.entries(environment).filter(([name]) => /PASSWORD|SECRET|_KEY$|DATABASE_URL/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(5);
    for (const [name, value] of secrets) {
      if (value !== "") expect(value, name).toMatch(/\$\{\w+:\?[^}]+\}/);
    }
  });

  it("runs two replicas with data folders of their own and settings that exist", () => {
    const replicas = services.filter(([, { image }]) => image === "niangjia");
    expect(replicas).toHaveLength(2);
    expect(new Set(replicas.map(([, { volumes }]) => String(volumes))).size).toBe(2);
    const others = ["POSTGRES_PASSWORD", "MINIO_ROOT_PASSWORD"];
    for (const [name, { environment = {} }] of replicas) {
      const unknown = Object.keys(environment).filter((setting) => !(setting in settingDefaults));
      expect(unknown, name).toEqual(others);
      expect(others.map((setting) => environment[setting])).toEqual(["", ""]);
      expect(compose.configs.caddyfile?.content).toContain(`${name}:${environment.PORT}`);
    }
  });
});
