/**
 * Why an attachment was not kept: `Attachment.reason` where its state is `refused`. A stored value that is none of
 * these comes from an older or newer version and is treated as `unreadable`.
 */
export const refusalReasons = [
  /** Its bytes are beyond the limit. */
  "too_large",
  /** A picture with more pixels than anybody needs, or far too long and thin. */
  "too_many_pixels",
  /** It has no bytes. */
  "empty",
  /** Damaged, of a kind that is not known, or not what it was announced as. */
  "unreadable",
  /** A program, a script or a web page. */
  "harmful",
  /** The platform does not hand this kind over. */
  "unsupported",
  /** The platform has it no more. */
  "gone",
  /** It did not come in time. */
  "timeout",
  /** It could not be fetched or kept just now: sent again it may be. */
  "unavailable",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** The reason as stored, in the words of this version. */
export function refusalReasonOf(reason: string | undefined): RefusalReason {
  return refusalReasons.find((known) => known === reason) ?? "unreadable";
}
