import type { Attachment } from "./api-types.ts";

/** Whether something that was kept on the phone is what is needed to send files with a message. */
export function areAttachments(value: unknown): value is Attachment[] {
  return (
    Array.isArray(value) &&
    value.every(
      (one: Partial<Attachment> | null) => typeof one?.id === "string" && typeof one.kind === "string",
    )
  );
}
