import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { triage } from "../../../src/conversation/triage.ts";

const folder = new URL("../../../knowledge/golden/", import.meta.url);
const questions = readdirSync(fileURLToPath(folder))
  .filter((name) => name.endsWith(".jsonl") && !name.startsWith("blind"))
  .flatMap((name) =>
    readFileSync(fileURLToPath(new URL(name, folder)), "utf8")
      .trim()
      .split("\n"),
  )
  .map((line) => (JSON.parse(line) as { question: string }).question);
const share = (wanted: (question: string) => boolean): number =>
  questions.filter(wanted).length / questions.length;

it("hardly any question about a rule is taken for danger or turned away", () => {
  expect(questions.length).toBeGreaterThan(600);
  expect(
    share((question) => ["crisis", "out_of_scope", "small_talk"].includes(triage(question).course)),
  ).toBeLessThanOrEqual(0.005);
});

it("few questions about a rule start a hand-over, and most are not offered a person unasked", () => {
  expect(share((question) => triage(question).course === "hand_over")).toBeLessThanOrEqual(0.02);
  expect(share((question) => triage(question).handOver === "offered")).toBeLessThanOrEqual(0.3);
});
