import { describe, expect, it } from "vitest";
import { isInForce } from "../../../../src/knowledge/documents/in-force.ts";

describe("a rule is in force", () => {
  it.each([
    [{}, "2026-11-21", true],
    [{ effective: "2026-11-21" }, "2026-11-21", true],
    [{ effective: "2026-11-22" }, "2026-11-21", false],
    [{ repealed: "2026-11-21" }, "2026-11-21", false],
    [{ repealed: "2026-11-22" }, "2026-11-21", true],
    [{ effective: "2026" }, "2026-01-01", true],
    [{ effective: "2026-12" }, "2026-11-30", false],
  ])("%j on %s: %s", (document, asOf, expected) => {
    expect(isInForce(document, asOf)).toBe(expected);
  });
});
