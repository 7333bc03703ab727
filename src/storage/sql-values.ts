import { type RawBuilder, sql } from "kysely";

/** `= any(values)` with one parameter, however many values there are. */
export function anyOf(values: readonly string[]): RawBuilder<string> {
  return sql<string>`any(${values}::text[])`;
}

/** An object without its null columns: absent in the domain is absent, not null. */
export function withoutNulls<T extends Record<string, unknown>>(
  columns: T,
): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== null)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
