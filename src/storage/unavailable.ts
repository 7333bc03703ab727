import { AppError, messageOf } from "../errors.ts";

/** Where a database is, in words that may be shown: never a password. */
export interface DatabasePlace {
  readonly description: string;
  readonly hint: string;
}

const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
]);

/** SQLSTATEs that say that the server is going, starting or full: 57P0x and 53300, and class 08. */
const serverStates = /^(08...|57P0[1-4]|53300)$/;

const lostConnection = /^(Connection terminated|Client has encountered a connection error|PGlite is closed)/;

/** Whether an error of a driver says that the database cannot be reached, rather than that a query is wrong. */
export function isConnectionLoss(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return networkCodes.has(code) || serverStates.test(code) || lostConnection.test(messageOf(error));
}

/** The one translation of a driver's failure to reach its database. */
export function databaseUnavailable(place: DatabasePlace, cause: unknown): AppError {
  // Node reports a refused "localhost" as an AggregateError with an empty message.
  const errors: unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  const reason = errors.map(messageOf).join("; ");
  return new AppError(
    "storage.unavailable",
    `${place.description} does not answer: ${reason}. ${place.hint}`,
    {
      cause,
    },
  );
}
