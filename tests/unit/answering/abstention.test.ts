import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { AbstentionModel, abstentionModel } from "../../../src/answering/abstention/abstention-model.ts";
import { loadAbstentionWeights } from "../../../src/answering/abstention/abstention-weights.ts";
import { foundFeatures } from "../../../src/answering/abstention/found-features.ts";
import { messageFeatures } from "../../../src/answering/abstention/message-features.ts";

const shipped = new URL("../../../src/answering/abstention/weights.json", import.meta.url);
const found = (similarity: number, coverage: number, score = 2) => ({
  similarity,
  coverage,
  score,
});

function weightsFile(text: string): URL {
  const file = join(mkdtempSync(join(tmpdir(), "abstention-")), "weights.json");
  writeFileSync(file, text);
  return pathToFileURL(file);
}

describe("the features of a message", () => {
  it("are the same for every number", () => {
    expect([...messageFeatures("扣了300块")]).toEqual([...messageFeatures("扣了5000块")]);
  });

  it("take a Latin word as a whole, and nothing of marks", () => {
    expect(messageFeatures("boss").size).toBe(1);
    expect(messageFeatures("？！… ").size).toBe(0);
  });

  it("stay bounded for a message of any length", () => {
    const characters = Array.from({ length: 100_000 }, (_, index) =>
      String.fromCodePoint(0x4e00 + (index % 20_000)),
    );
    expect(messageFeatures(characters.join("")).size).toBeLessThan(2_000);
  });
});

describe("the chance that a message is ours", () => {
  it("is high for work without any word of work, low for other matters", () => {
    const model = abstentionModel();
    for (const ours of ["他们把我开了一分钱不给", "做了俩月，人家说没钱给我"])
      expect(model.chanceOfOurs(ours)).toBeGreaterThan(model.evenChance);
    for (const other of ["前妻不让我看儿子，法院判了探视的", "二手房过户了，原房主户口不迁走"])
      expect(model.chanceOfOurs(other)).toBeLessThan(model.evenChance);
  });

  it("is moved by the cues that stand in it", () => {
    const model = abstentionModel();
    expect(model.chanceOfOurs("那个东西", ["strongLabour"])).toBeGreaterThan(
      model.chanceOfOurs("那个东西", ["otherSubject"]),
    );
  });

  it("is a probability for a message of nothing", () => {
    expect(abstentionModel().chanceOfOurs("")).toBeGreaterThan(0);
    expect(abstentionModel().chanceOfOurs("")).toBeLessThan(1);
  });
});

describe("whether the knowledge has it", () => {
  it("grows with what was found and with the chance that it is ours", () => {
    const model = abstentionModel();
    const chance = (similarity: number, coverage: number, ours: number) =>
      model.chanceOfKnown(foundFeatures([found(similarity, coverage)], ours));
    expect(chance(0.8, 0.8, 0.6)).toBeGreaterThan(chance(0.2, 0.1, 0.6));
    expect(chance(0.5, 0.5, 0.9)).toBeGreaterThan(chance(0.5, 0.5, 0.05));
  });

  it("is no where nothing was found, however likely it is ours", () => {
    expect(abstentionModel().isKnown([], 1)).toBe(false);
  });

  it("does not depend on the scale of the ranking's scores", () => {
    const features = (scale: number) =>
      foundFeatures([found(0.6, 0.5, 3 * scale), found(0.4, 0.5, 2 * scale)], 0.7);
    expect(features(10).margin).toBeCloseTo(features(1).margin as number, 9);
  });
});

describe("the weights file", () => {
  it("says how it was made, from what, and with which figures", () => {
    const { command, counts, figures } = loadAbstentionWeights();
    expect(command).toContain("scripts/train-abstention");
    expect(Object.keys(counts).length).toBeGreaterThan(5);
    expect(Object.keys(figures).length).toBeGreaterThan(5);
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, 2_000)],
    ["of another format", (text: string) => text.replace('"format": 1', '"format": 2')],
    ["of another table", (text: string) => text.replace(/"rows": "[^"]{8}/, '"rows": "')],
  ])("is refused with the way to restore it when it is %s", (_, spoil) => {
    const file = weightsFile(spoil(readFileSync(shipped, "utf8")));
    expect(() => loadAbstentionWeights(file)).toThrow(/git checkout/);
  });

  it("weighs what it says", () => {
    const weights = loadAbstentionWeights();
    const sure = new AbstentionModel({ ...weights, subject: { ...weights.subject, bias: 50 } });
    expect(sure.chanceOfOurs("离婚")).toBeGreaterThan(0.999);
  });
});
