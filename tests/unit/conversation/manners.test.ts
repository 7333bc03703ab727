import { describe, expect, it } from "vitest";
import { extractClaims } from "../../../src/answering/claims.ts";
import { commandIn } from "../../../src/conversation/commands.ts";
import { ownAnswer } from "../../../src/conversation/own-words.ts";
import { triage } from "../../../src/conversation/triage.ts";
import type { Manners } from "../../../src/conversation/wording/manners.ts";
import { englishManners } from "../../../src/conversation/wording/manners-en.ts";
import { chineseManners } from "../../../src/conversation/wording/manners-zh-cn.ts";
import { refusalReasons } from "../../../src/messaging/refusal-reason.ts";
import { turnOver } from "./turn-over.ts";

const { local } = turnOver("finds");
const at = { year: "2026", month: "11", day: "21", clock: "23:30" };
const one = { photo: 1, video: 0, voice: 0, file: 0 };
const many = { photo: 2, video: 1, voice: 0, file: 3 };
const dangers = [
  "self_harm_done",
  "suicide",
  "fire_or_collapse",
  "medical_emergency",
  "violence_now",
  "held",
  "violence_planned",
];

/** Every text, and the facts that the service put into it. */
function textsOf(manners: Manners): [string, string, string[]][] {
  const { group } = manners;
  return [
    ["notice", manners.notice(local, 365), ["365天"]],
    ["start", manners.start(local), []],
    ["help", manners.help(local), []],
    ["ask to forget", manners.forgetAsked(true), []],
    ["ask to forget, nothing open", manners.forgetAsked(false), []],
    ["kept", manners.kept(true), []],
    ["kept, nothing open", manners.kept(false), []],
    ["receipt", manners.forgotten(at, 30), [manners.moment(at), manners.days(30)]],
    ["receipt without backups", manners.forgotten(at, 0), [manners.moment(at)]],
    ["voice", manners.unheard(true, local), []],
    ["voice, not kept", manners.unheard(false, local), []],
    ["stored", manners.stored(one, at, false), [manners.shortMoment(at)]],
    ["several stored", manners.stored(many, at, true), [manners.shortMoment(at), manners.counted(many)]],
    ["awaited", manners.awaited(many), [manners.counted(many)]],
    ["sticker", manners.sticker(), []],
    ["location", manners.location(false), []],
    ["location in danger", manners.locationInCrisis(), []],
    ...refusalReasons.map((reason): [string, string, string[]] => [
      reason,
      manners.refused("photo", reason),
      [],
    ]),
    ...dangers.map((reason): [string, string, string[]] => [reason, group.crisis([reason], local), []]),
    ["group greeting", group.greeting(local), []],
    ["group invitation", group.invite(local), []],
    ["group own matters", group.ownMatters(), []],
    ["group nothing found", group.nothingFound(local), []],
    ["group person", group.human(local), []],
    ["group forget", group.forget(), []],
    ["group files", group.files(), []],
  ];
}

describe.each([
  ["Chinese", chineseManners],
  ["English", englishManners],
])("the manners in %s", (_name, manners) => {
  it("say no number that nothing bears out", () => {
    const open = textsOf(manners).flatMap(([name, text, facts]) => {
      const known = new Set(
        ownAnswer("small_talk", text, local, { facts }).provenance.map(({ claim }) => claim),
      );
      return extractClaims(text)
        .filter(({ text: claim }) => !known.has(claim))
        .map(({ text: claim }) => `${name}: ${claim}`);
    });
    expect(open).toEqual([]);
  });

  it("promise no person and no outcome", () => {
    for (const [, text] of textsOf(manners))
      expect(text).not.toMatch(
        /马上(?:派|安排|联系)|稍后(?:会|将)|一定(?:能|会)(?:拿|赢|要)|will (?:call|contact) you/u,
      );
  });

  it("are short enough to be read on a small screen", () => {
    for (const [name, text] of textsOf(manners)) expect(text.length, name).toBeLessThanOrEqual(700);
  });

  it("name words that are understood", () => {
    expect(commandIn(manners.confirmForget)).toBe("confirm_forget");
    expect(commandIn(manners.keep)).toBe("keep");
    expect(triage(manners.personWord).course).toBe("hand_over");
    const named = [...manners.help(local).matchAll(/“([^”]+)”|"([^"]+)"/gu)].map(
      ([, one, other]) => one ?? other,
    );
    expect(named.length).toBeGreaterThan(1);
    for (const word of named) expect(commandIn(word ?? ""), word).toBeDefined();
  });

  it("in a group begin with a telephone number in danger", () => {
    for (const reason of dangers)
      expect(manners.group.crisis([reason], local).split("\n")[0]).toMatch(/12356|110|119|120/u);
  });
});
