/** `group`: others read along, so nothing personal is answered there. */
export const surfaces = ["private", "group"] as const;
export type Surface = (typeof surfaces)[number];

export interface Conversation {
  readonly id: string;
  readonly contactId: string;
  readonly channel: string;
  readonly surface: Surface;
  /** The code of the door through which the contact came: a link of a station, a district or a poster. */
  readonly origin?: string;
  /** Whether the notice about machine answers and personal data was given here. */
  readonly noticeGiven: boolean;
  /** Whether a request for a person stands open. */
  readonly handOverRequested: boolean;
}
