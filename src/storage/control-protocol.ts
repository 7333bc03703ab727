import { z } from "zod";

/**
 * Newline-delimited JSON on the control socket. A request is answered by any number of progress lines and then
 * one result or error line, all under its id; requests on one connection may overlap.
 */
export const controlRequest = z.object({ id: z.number(), command: z.string(), args: z.unknown().optional() });
export type ControlRequest = z.infer<typeof controlRequest>;

export const controlProgress = z.record(z.string(), z.unknown());
export type ControlProgress = z.infer<typeof controlProgress>;

export const controlReply = z.union([
  z.object({ id: z.number(), progress: controlProgress }),
  z.object({
    id: z.number(),
    // `shown`: what the caller may read beside the message, see `AppError`.
    error: z.object({ code: z.string(), message: z.string(), shown: z.unknown().optional() }),
  }),
  z.object({ id: z.number(), result: z.unknown() }),
]);
export type ControlReply = z.infer<typeof controlReply>;

/** The error code of a failure that the owner did not raise on purpose. */
export const unexpectedFailure = "internal";

/**
 * One command of the owner. The result and every update must be JSON of at most 1 MB; an update is dropped
 * while the client is slow to read. `signal` aborts when the client goes away or the owner closes.
 */
export type ControlHandler = (
  args: unknown,
  progress: (update: ControlProgress) => void,
  signal: AbortSignal,
) => Promise<unknown>;
