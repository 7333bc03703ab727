import type { LocalData } from "../../knowledge/documents/local-data.ts";
import type { Manners } from "./manners.ts";

/** Everything that the assistant says in its own name, in one language. */
export interface Wording {
  /** Nothing in the knowledge fits. */
  nothingFound(local: LocalData): string;
  /** The knowledge cannot be read now. */
  libraryUnavailable(local: LocalData): string;
  /** Not a matter of work or union; `reasons` are the triage's. */
  outOfScope(reasons: readonly string[], local: LocalData): string;
  smallTalk(reason: string, local: LocalData): string;
  crisis(reasons: readonly string[], local: LocalData): string;
  /** A request for a person was recorded; promises nothing. */
  handOverStarted(reasons: readonly string[], local: LocalData): string;
  /** Says how to reach a person, under an answer to a dispute. */
  handOverOffered(local: LocalData): string;
  /** The turn failed. */
  apology(local: LocalData): string;
  /** About itself, about what a contact sent, and in groups. */
  readonly manners: Manners;
}
