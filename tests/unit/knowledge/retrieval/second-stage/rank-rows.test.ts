import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { featureNames } from "../../../../../src/knowledge/retrieval/second-stage/features.ts";
import { loadRankWeights, scoreRows } from "../../../../../src/knowledge/retrieval/second-stage/rank-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "niangjia-weights-"));
afterAll(() => rmSync(folder, { recursive: true }));
const shipped = new URL("../../../../../src/knowledge/retrieval/second-stage/weights.json", import.meta.url);
const fileOf = (text: string) => {
  const file = join(folder, `${Math.random()}.json`);
  writeFileSync(file, text);
  return pathToFileURL(file);
};
const refusal = expect.objectContaining({
  code: "model.unavailable",
  message: expect.stringContaining("git checkout -- src/knowledge/retrieval/second-stage"),
});

describe("the ranking's weights", () => {
  it("are there for every feature", () => {
    const { rules, guides } = loadRankWeights();
    for (const { linear } of [rules, guides]) {
      expect(linear.length).toBe(featureNames.length);
      expect(linear.some((weight) => weight !== 0)).toBe(true);
    }
  });

  it("are refused where they are cut short, missing or of other features, with the way to restore them", () => {
    const text = readFileSync(shipped, "utf8");
    const { rules, ...rest } = JSON.parse(text) as { rules: { linear: Record<string, number> } };
    const [, ...others] = Object.entries(rules.linear);
    const fewer = { ...rest, rules: { ...rules, linear: Object.fromEntries(others) } };
    expect(() => loadRankWeights(fileOf(text.slice(0, 300)))).toThrow(refusal);
    expect(() => loadRankWeights(fileOf("[]"))).toThrow(refusal);
    expect(() => loadRankWeights(fileOf(JSON.stringify(fewer)))).toThrow(refusal);
    expect(() => loadRankWeights(new URL("none.json", pathToFileURL(`${folder}/`)))).toThrow(refusal);
  });

  it("give one score a row: rules by the one model, what the union wrote by the other", () => {
    const row = (more: Record<string, number>) => featureNames.map((name) => more[name] ?? 0);
    const only = (value: number) =>
      Float64Array.from(featureNames, (name) => (name === "cosine" ? value : 0));
    const weights = {
      rules: { linear: only(2), hidden: only(1) },
      guides: { linear: only(10), hidden: only(0) },
      biases: Float64Array.of(0),
      units: Float64Array.of(3),
      constant: 0.5,
    };
    const rows = [row({ cosine: 1, law: 1 }), row({ cosine: 1, guide: 1 }), row({ cosine: 0.5, local: 1 })];
    expect([...scoreRows(Float32Array.from(rows.flat()), weights)]).toEqual([
      2.5 + 3 * Math.tanh(1),
      10.5,
      5.5,
    ]);
    expect(scoreRows(new Float32Array(), weights).length).toBe(0);
  });
});
