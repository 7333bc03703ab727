import { expect, it } from "vitest";
import { databaseUnavailable, isConnectionLoss } from "../../../src/storage/unavailable.ts";

const withCode = (code: string) => Object.assign(new Error("failed"), { code });

it.each(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "08006", "57P01", "57P03", "53300"])(
  "%s says that the database cannot be reached",
  (code) => {
    expect(isConnectionLoss(withCode(code))).toBe(true);
  },
);

it.each(["23505", "42P01", "22021", "40001", "57014"])("%s says that the query failed", (code) => {
  expect(isConnectionLoss(withCode(code))).toBe(false);
});

it("a connection that the driver found broken counts as lost", () => {
  expect(isConnectionLoss(new Error("Connection terminated unexpectedly"))).toBe(true);
  expect(isConnectionLoss("odd")).toBe(false);
});

it("a host with several addresses is reported with each reason", () => {
  const cause = new AggregateError([
    new Error("connect ECONNREFUSED ::1"),
    new Error("connect ECONNREFUSED 127.0.0.1"),
  ]);
  const error = databaseUnavailable(
    { description: "PostgreSQL at localhost:5432", hint: "Start it." },
    cause,
  );
  expect(error).toMatchObject({
    code: "storage.unavailable",
    message:
      "PostgreSQL at localhost:5432 does not answer: connect ECONNREFUSED ::1; connect ECONNREFUSED 127.0.0.1. Start it.",
    cause,
  });
});
