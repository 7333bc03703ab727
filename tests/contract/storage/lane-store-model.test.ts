import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LaneClaim } from "../../../src/messaging/lane-store.ts";
import { SqlLaneStore } from "../../../src/storage/lane-store.ts";
import { forEachDatabase } from "../../support/databases.ts";

/** A time that is over as soon as it is written, and one that no test lives to see. */
const over = -1;
const farOff = 3_600_000;

/** A lane as `lane-store.ts` describes it, in a few words. */
interface Lane {
  due: "now" | "later" | undefined;
  armed: boolean;
  /** Undefined: nobody holds it. `over`: the lease ran out, and nobody took it since. */
  lease: { owner: string; until: "later" | "over" } | undefined;
  token: number;
  attempts: number;
}

type Step =
  | { readonly do: "arm"; readonly key: string; readonly later: boolean }
  | { readonly do: "claim"; readonly owner: string; readonly limit: number; readonly over: boolean }
  | { readonly do: "renew"; readonly nth: number; readonly over: boolean }
  | {
      readonly do: "release";
      readonly nth: number;
      readonly how: { readonly again?: number; readonly untried?: boolean };
    };

const nth = fc.nat({ max: 5 });
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constant("arm" as const),
      key: fc.constantFrom("1", "2", "3"),
      later: fc.boolean(),
    }),
    fc.record({
      do: fc.constant("claim" as const),
      owner: fc.constantFrom("a", "b"),
      limit: fc.integer({ min: 1, max: 3 }),
      over: fc.boolean(),
    }),
    fc.record({ do: fc.constant("renew" as const), nth, over: fc.boolean() }),
    fc.record({
      do: fc.constant("release" as const),
      nth,
      how: fc.constantFrom(
        {},
        { again: over },
        { again: farOff },
        { again: over, untried: true },
        { again: farOff, untried: true },
      ),
    }),
  ),
  { minLength: 1, maxLength: 25 },
);

class Model {
  readonly lanes = new Map<string, Lane>();
  readonly claims: LaneClaim[] = [];

  free(): string[] {
    return [...this.lanes].flatMap(([key, lane]) =>
      lane.due === "now" && lane.lease?.until !== "later" ? [key] : [],
    );
  }

  arm(key: string, due: "now" | "later"): void {
    const lane = this.lanes.get(key);
    if (lane === undefined) {
      this.lanes.set(key, { due, armed: true, lease: undefined, token: 0, attempts: 0 });
      return;
    }
    if (!lane.armed || due === "now") lane.due = due;
    lane.armed = true;
  }

  claimed(claim: LaneClaim, until: "later" | "over"): void {
    const lane = this.#lane(claim.key);
    expect(claim.token).toBeGreaterThan(lane.token);
    lane.token = claim.token;
    lane.attempts += 1;
    expect(claim.attempts).toBe(lane.attempts);
    lane.armed = false;
    lane.lease = { owner: claim.owner, until };
    this.claims.unshift(claim);
  }

  holds(claim: LaneClaim): boolean {
    const { lease, token } = this.#lane(claim.key);
    return lease?.owner === claim.owner && token === claim.token;
  }

  renewed(claim: LaneClaim, until: "later" | "over"): void {
    this.#lane(claim.key).lease = { owner: claim.owner, until };
  }

  released(claim: LaneClaim, { again, untried }: Extract<Step, { do: "release" }>["how"]): void {
    const lane = this.#lane(claim.key);
    lane.lease = undefined;
    if (again === undefined) {
      lane.attempts = 0;
      if (!lane.armed) lane.due = undefined;
      return;
    }
    lane.due = again === over ? "now" : "later";
    lane.armed = true;
    if (untried) lane.attempts -= 1;
  }

  #lane(key: string): Lane {
    const lane = this.lanes.get(key);
    if (lane === undefined) throw new Error("A lane was claimed that nobody armed.");
    return lane;
  }
}

forEachDatabase((_name, open) => {
  async function run(lanes: SqlLaneStore, model: Model, step: Step): Promise<void> {
    switch (step.do) {
      case "arm": {
        await lanes.arm("turn", step.key, step.later ? farOff : over);
        model.arm(step.key, step.later ? "later" : "now");
        return;
      }
      case "claim": {
        const free = model.free();
        const claims = await lanes.claim("turn", step.owner, step.limit, step.over ? over : farOff);
        expect(claims).toHaveLength(Math.min(step.limit, free.length));
        expect(free).toEqual(expect.arrayContaining(claims.map(({ key }) => key)));
        for (const claim of claims) model.claimed(claim, step.over ? "over" : "later");
        return;
      }
      case "renew": {
        const claim = model.claims[step.nth];
        if (claim === undefined) return;
        const kept = await lanes.renew([claim], step.over ? over : farOff);
        expect(kept).toEqual(model.holds(claim) ? [claim] : []);
        if (kept.length > 0) model.renewed(claim, step.over ? "over" : "later");
        return;
      }
      case "release": {
        const claim = model.claims[step.nth];
        if (claim === undefined) return;
        const holds = model.holds(claim);
        expect(await lanes.release(claim, step.how)).toBe(holds);
        if (holds) model.released(claim, step.how);
      }
    }
  }

  async function compare(lanes: SqlLaneStore, model: Model): Promise<void> {
    const all = [...model.lanes];
    const held = all.filter(([, { lease }]) => lease?.until === "later").map(([key]) => key);
    expect(await lanes.held("turn")).toEqual(held.toSorted());
    expect(await lanes.countDue("turn")).toBe(all.filter(([, { due }]) => due === "now").length);
  }

  describe("whatever is done to lanes, in whatever order", () => {
    it("they do what their description says, and nobody holds what another one holds", async () => {
      const database = await open();
      const lanes = new SqlLaneStore(database);
      await fc.assert(
        fc.asyncProperty(steps, async (all) => {
          await database.db.deleteFrom("lanes").execute();
          const model = new Model();
          for (const step of all) {
            await run(lanes, model, step);
            await compare(lanes, model);
          }
        }),
        { numRuns: 40 },
      );
    });
  });
});
