import { beforeEach, describe, expect, it } from "vitest";
import type { Door, DoorStore } from "../../../src/doors/door.ts";
import { type DoorWishes, makeDoor } from "../../../src/doors/make-door.ts";

const districts = [
  { id: "yuzhong", name: "渝中区", aliases: ["渝中", "解放碑"] },
  { id: "yubei", name: "渝北区", aliases: ["渝北"] },
];

let doors: Map<string, Door>;
let bytes: number[];

const store: DoorStore = {
  add: async (door) => {
    if (doors.has(door.code)) return undefined;
    const made = { ...door, createdAt: "2026-11-21T02:00:00.000Z" };
    doors.set(door.code, made);
    return made;
  },
  find: async (code) => doors.get(code),
  list: async () => [],
};

const make = (wishes: DoorWishes) =>
  makeDoor(wishes, {
    store,
    districts,
    randomBytes: (length) => new Uint8Array(length).fill(bytes.shift() ?? 1),
  });

beforeEach(() => {
  doors = new Map();
  bytes = [];
});

describe("making a door", () => {
  it("keeps the district by its full name, and names without odd signs", async () => {
    expect(await make({ district: "解放碑", station: "  南滨路\n\u202e驿站 ", label: "" })).toEqual({
      code: "CCCCCCCC",
      district: "渝中区",
      station: "南滨路 驿站",
      createdAt: "2026-11-21T02:00:00.000Z",
    });
  });

  it("draws another code where one is taken", async () => {
    bytes = [0, 0, 0, 2];
    await make({ label: "一" });
    expect((await make({ label: "二" })).code).toBe("DDDDDDDD");
    expect([...doors.keys()]).toEqual(["AAAAAAAA", "DDDDDDDD"]);
  });

  it("gives up where every code is taken, instead of drawing for ever", async () => {
    await make({ label: "一" });
    await expect(make({ label: "二" })).rejects.toMatchObject({ code: "admin.refused" });
  });

  it.each<[DoorWishes, string]>([
    [{ district: "渝忠区" }, "没有“渝忠区”这个区县。是不是：渝中区、渝北区？"],
    [{ district: "浦东新区" }, "可以写：渝中区、渝北区"],
    [{}, "至少写一个"],
    [{ station: "   " }, "至少写一个"],
    [{ station: "站".repeat(41) }, "--station 最多 40 个字"],
  ])("refuses %j with what to do", async (wishes, told) => {
    await expect(make(wishes)).rejects.toMatchObject({
      code: "admin.refused",
      message: expect.stringContaining(told),
    });
    expect(doors.size).toBe(0);
  });
});
