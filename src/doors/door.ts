/** A way in that tells where a contact came from. */
export interface Door {
  /** See `door-code.ts`. What a conversation keeps as its `origin`. */
  readonly code: string;
  /** A district's full name, as the federation's local data have it. */
  readonly district?: string;
  /** A station, such as a 工会驿站. */
  readonly station?: string;
  /** What else tells it from others: a poster, an event. */
  readonly label?: string;
  /** ISO timestamp. */
  readonly createdAt: string;
}

export type NewDoor = Omit<Door, "createdAt">;

/** A door with what came through it. */
export interface UsedDoor extends Door {
  readonly conversations: number;
}

/** The store of doors. Implemented in `storage/`. */
export interface DoorStore {
  /** Undefined, and nothing stored, where the code is taken. */
  add(door: NewDoor): Promise<Door | undefined>;
  find(code: string): Promise<Door | undefined>;
  /** The newest first. */
  list(limit: number): Promise<UsedDoor[]>;
}
