import pino, { type DestinationStream } from "pino";
import { redactFields, redactLine } from "./redact.ts";

/**
 * What every module may log with. The message is one plain English line; details carry ids, codes and figures.
 * Message texts, tokens and keys are hidden even where somebody passes them.
 */
export interface Logger {
  debug(details: Readonly<Record<string, unknown>>, message: string): void;
  info(details: Readonly<Record<string, unknown>>, message: string): void;
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
  error(details: Readonly<Record<string, unknown>>, message: string): void;
}

export interface LoggerOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "silent";
  /** Takes finished lines; stderr unless given. */
  readonly stream?: { write(line: string): unknown };
}

/** A logger that writes one JSON object a line. Writing is synchronous, so that a crash loses no line. */
export function createLogger({ level, stream }: LoggerOptions): Logger {
  const destination = (stream as DestinationStream | undefined) ?? pino.destination({ dest: 2, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      // Errors have become plain objects by then: pino's own serializer would not know them.
      serializers: { err: (value: unknown) => value },
      formatters: { level: (label) => ({ level: label }), log: redactFields },
      hooks: { streamWrite: redactLine },
    },
    destination,
  );
}
