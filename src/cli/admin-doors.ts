import { z } from "zod";
import type { Door, DoorStore, UsedDoor } from "../doors/door.ts";
import { readDoorCode } from "../doors/door-code.ts";
import {
  type DoorAddresses,
  type DoorChannel,
  type DoorLink,
  doorChannels,
  doorLinks,
} from "../doors/door-links.ts";
import type { NamedDistrict } from "../doors/find-district.ts";
import { type DoorWishes, makeDoor } from "../doors/make-door.ts";
import { AppError } from "../errors.ts";
import type { ControlHandler } from "../storage/control-protocol.ts";

export interface DoorParts {
  readonly doors: DoorStore;
  readonly districts: () => Promise<readonly NamedDistrict[]>;
  readonly addresses: DoorAddresses;
  /** Channels that are configured. */
  readonly doorChannels: readonly DoorChannel[];
  readonly randomBytes: (length: number) => Uint8Array;
}

export interface DoorResults {
  readonly "admin.link": { readonly door: Door; readonly links: readonly DoorLink[] };
  readonly "admin.links": readonly UsedDoor[];
}

const linkArgs = z.object({
  /** A door that was made before; else one is made. */
  code: z.string().optional(),
  district: z.string().optional(),
  station: z.string().optional(),
  label: z.string().optional(),
  channel: z.enum(doorChannels).optional(),
});

/** Doors that are listed: more would not fit into one line of the control socket. */
const mostListed = 1_000;

/** Making and listing doors. */
export function doorCommands(parts: DoorParts): Record<keyof DoorResults, ControlHandler> {
  return {
    "admin.link": async (args: unknown): Promise<DoorResults["admin.link"]> => {
      const { code, channel, ...wishes } = linkArgs.parse(args);
      const door = code === undefined ? await newDoor(wishes, parts) : await knownDoor(code, parts.doors);
      const channels = channel === undefined ? parts.doorChannels : [channel];
      return { door, links: await doorLinks(door.code, channels, parts.addresses) };
    },
    "admin.links": (): Promise<DoorResults["admin.links"]> => parts.doors.list(mostListed),
  };
}

async function newDoor(
  { district, station, label }: { [Field in keyof DoorWishes]: DoorWishes[Field] | undefined },
  { doors, districts, randomBytes }: DoorParts,
): Promise<Door> {
  const wishes = {
    ...(district === undefined ? {} : { district }),
    ...(station === undefined ? {} : { station }),
    ...(label === undefined ? {} : { label }),
  };
  return makeDoor(wishes, { store: doors, districts: await districts(), randomBytes });
}

async function knownDoor(typed: string, doors: DoorStore): Promise<Door> {
  const code = readDoorCode(typed);
  const door = code === undefined ? undefined : await doors.find(code);
  if (door !== undefined) return door;
  throw new AppError("admin.refused", "没有这个编码的入口，用 admin links 查看全部入口");
}
