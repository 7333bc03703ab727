import { AppError } from "../errors.ts";
import type { Door, DoorStore } from "./door.ts";
import { newDoorCode } from "./door-code.ts";
import { findDistrict, type NamedDistrict } from "./find-district.ts";

export interface DoorWishes {
  readonly district?: string;
  readonly station?: string;
  readonly label?: string;
}

export interface MakeDoorParts {
  readonly store: DoorStore;
  readonly districts: readonly NamedDistrict[];
  readonly randomBytes: (length: number) => Uint8Array;
}

/** Longest station or label, in characters: they stand under the printed code. */
const longestName = 40;
/** A taken code is drawn again; that it happens even once is unlikely. */
const tries = 10;

/**
 * Makes a door of its own, also where there is one for the same place: another poster can be told from the first.
 * Throws `admin.refused`, in Chinese and with what to do, where it says nothing about the place or the district is
 * not one of the federation's.
 */
export async function makeDoor(wishes: DoorWishes, parts: MakeDoorParts): Promise<Door> {
  const place = {
    ...named("district", wishes.district === undefined ? undefined : districtName(wishes.district, parts)),
    ...named("station", wishes.station),
    ...named("label", wishes.label),
  };
  if (Object.keys(place).length === 0) {
    throw new AppError(
      "admin.refused",
      "请说明这个入口在哪里：--district 区县、--station 驿站或 --label 说明，至少写一个",
    );
  }
  for (let i = 0; i < tries; i += 1) {
    const door = await parts.store.add({ code: newDoorCode(parts.randomBytes), ...place });
    if (door !== undefined) return door;
  }
  throw new AppError("admin.refused", "没有生成出新的编码，请再试一次");
}

function districtName(asked: string, { districts }: MakeDoorParts): string {
  const found = findDistrict(asked, districts);
  if ("name" in found) return found.name;
  const names = districts.map(({ name }) => name).join("、");
  const hint =
    found.suggestions.length > 0 ? `是不是：${found.suggestions.join("、")}？` : `可以写：${names}`;
  throw new AppError("admin.refused", `没有“${asked.slice(0, longestName)}”这个区县。${hint}`);
}

function named(field: keyof DoorWishes, value: string | undefined): DoorWishes {
  const text =
    value
      ?.normalize("NFC")
      .replace(/[\p{C}\s]+/gu, " ")
      .trim() ?? "";
  if (text === "") return {};
  if ([...text].length > longestName) {
    throw new AppError("admin.refused", `--${field} 最多 ${longestName} 个字`);
  }
  return { [field]: text };
}
