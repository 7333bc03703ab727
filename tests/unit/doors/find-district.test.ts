import { describe, expect, it } from "vitest";
import { findDistrict } from "../../../src/doors/find-district.ts";
import { readLocalData } from "../../../src/knowledge/documents/local-data.ts";

const { districts } = await readLocalData("knowledge/local/chongqing");

describe("a district", () => {
  it("is found by its name, an alias or its id, however they are typed", () => {
    for (const { id, name, aliases } of districts) {
      for (const word of [name, id, id.toUpperCase(), ...aliases, ` ${name} `]) {
        expect(findDistrict(word, districts)).toEqual({ name });
      }
    }
  });

  it.each([
    ["渝忠区", "渝中区"],
    ["沙坪霸", "沙坪坝区"],
    ["石柱县", "石柱土家族自治县"],
    ["yuzong", "渝中区"],
    ["九龙波区", "九龙坡区"],
    ["彭水自治县", "彭水苗族土家族自治县"],
  ])("written as %s is asked back as %s", (typed, meant) => {
    const found = findDistrict(typed, districts);
    expect("name" in found ? found.name : found.suggestions).toContain(meant);
  });

  it.each(["朝阳区人民政府", "x", "", "浦东新区张江镇"])(
    "%j is none, and nothing far away is offered",
    (typed) => {
      const found = findDistrict(typed, districts);
      expect(found).toHaveProperty("suggestions");
      if ("suggestions" in found) expect(found.suggestions.length).toBeLessThanOrEqual(3);
    },
  );
});
