/** The part of the service's logger that storage needs; pino has this shape. */
export interface StorageLogger {
  warn(details: Readonly<Record<string, unknown>>, message: string): void;
}
