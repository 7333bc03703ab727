import type { ControlHandler } from "../storage/control-protocol.ts";
import { type DoorParts, type DoorResults, doorCommands } from "./admin-doors.ts";
import { type IntegrationParts, type IntegrationResults, integrationCommands } from "./admin-integrations.ts";
import { type RoadParts, type RoadResults, roadCommands } from "./admin-road.ts";

/** What each command resolves to. */
export type AdminResults = DoorResults & RoadResults & IntegrationResults;
export type AdminCommandName = keyof AdminResults;

export const adminCommandNames: readonly AdminCommandName[] = [
  "admin.link",
  "admin.links",
  "admin.channels",
  "admin.set-aside",
  "admin.ledger",
  "admin.api-key.create",
  "admin.api-key.list",
  "admin.api-key.revoke",
  "admin.webhook.add",
  "admin.webhook.list",
  "admin.webhook.remove",
];

export type AdminParts = DoorParts & RoadParts & IntegrationParts;

/**
 * What an admin can do from the command line. The same functions run in the service, reached through its control
 * socket, and in a process that owns the data folder itself.
 */
export function adminCommands(parts: AdminParts): Record<AdminCommandName, ControlHandler> {
  return { ...doorCommands(parts), ...roadCommands(parts), ...integrationCommands(parts) };
}
