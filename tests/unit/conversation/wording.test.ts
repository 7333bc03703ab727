import { beforeAll, describe, expect, it } from "vitest";
import { accountForClaims } from "../../../src/answering/account-for-claims.ts";
import { wordingFor } from "../../../src/conversation/wording/wording-for.ts";
import type { LocalData } from "../../../src/knowledge/documents/local-data.ts";
import { readFolderSettings, shippedKnowledge } from "../../../src/knowledge/knowledge-folder.ts";

let local: LocalData;

beforeAll(async () => {
  ({ local } = await readFolderSettings(shippedKnowledge, "chongqing"));
});

const outOfScope = ["other_subject", "forgery", "fraud_on_funds", "revenge"];
const crisis = [
  "self_harm_done",
  "suicide",
  "fire_or_collapse",
  "medical_emergency",
  "violence_planned",
  "violence_now",
  "held",
];
const handOver = [
  "person_asked",
  "many_workers",
  "employer_fled",
  "harassment",
  "retaliation",
  "child_labour",
  "death_or_serious_injury_refused",
  "beaten",
];
const smallTalk = ["greeting", "thanks", "goodbye", "identity", "unclear", "sad", "noise", "other_script"];

describe.each([
  ["Chinese", "你好"],
  ["English", "hello"],
])("the assistant's own wording in %s", (_name, message) => {
  const say = () => wordingFor(message);
  const texts = (): [string, string][] => [
    ["nothing found", say().nothingFound(local)],
    ["library unavailable", say().libraryUnavailable(local)],
    ["hand-over offered", say().handOverOffered(local)],
    ["apology", say().apology(local)],
    ...outOfScope.map((reason): [string, string] => [reason, say().outOfScope([reason], local)]),
    ...crisis.map((reason): [string, string] => [reason, say().crisis([reason], local)]),
    ...handOver.map((reason): [string, string] => [reason, say().handOverStarted([reason], local)]),
    ...smallTalk.map((reason): [string, string] => [reason, say().smallTalk(reason, local)]),
  ];

  it("passes the last gate whole: no line has a number that nothing bears out", () => {
    const cut = texts().filter(([, text]) => {
      const reply = { state: "grounded", text, handOver: "none" } as const;
      return accountForClaims(reply, { message, hotlines: local.hotlines }).text !== text;
    });
    expect(cut).toEqual([]);
  });

  it("promises no person and no outcome", () => {
    for (const [, text] of texts()) {
      expect(text).not.toMatch(
        /马上(?:派|安排|联系)|稍后(?:会|将)|一定(?:能|会)(?:拿|赢|要)|will (?:call|contact) you/u,
      );
    }
  });
});

describe("a text about danger to life", () => {
  it.each(crisis)("begins with help and names 110 or 120 or 12356 for %s", (reason) => {
    expect(wordingFor("").crisis([reason], local)).toMatch(/12356|110|120/u);
  });
});

describe("what is said first in danger", () => {
  const first = (reasons: string[]) => /\d{3,5}/u.exec(wordingFor("").crisis(reasons, local))?.[0];

  it.each([
    [["suicide", "self_harm_done"], "120"],
    [["suicide"], "12356"],
    [["fire_or_collapse", "medical_emergency"], "119"],
    [["medical_emergency"], "120"],
    [["violence_planned", "violence_now"], "110"],
    [["held"], "110"],
  ])("after %j is the number that helps first: %s", (reasons, number) => expect(first(reasons)).toBe(number));

  it("never tells the victim of somebody else's violence to hold back", () => {
    expect(wordingFor("").crisis(["violence_planned", "violence_now"], local)).not.toContain("搭进去");
  });

  it("keeps the bottle and forbids vomiting without a doctor after poison", () => {
    const text = wordingFor("").crisis(["self_harm_done"], local);
    expect(text).toMatch(/把门打开/u);
    expect(text).toMatch(/瓶.{0,10}留着/u);
    expect(text).toMatch(/不要自己抠喉咙催吐/u);
    expect(text).toContain("12356");
  });
});
