/** The worker API as the page sees it. The server's contract is `/api/openapi.json`. */

export type Sender = "contact" | "bot" | "mediator" | "system";
export type Rating = "up" | "down";

/** One passage that an answer rests on. `index` is the number in the text (`[1]`). */
export interface Citation {
  readonly index: number;
  readonly chunkId: string;
  readonly document: string;
  readonly section: string;
  readonly source: string;
  readonly quote: string;
}

export interface Answer {
  readonly state:
    | "grounded"
    | "nothing_found"
    | "library_unavailable"
    | "out_of_scope"
    | "small_talk"
    | "crisis"
    | "intake";
  readonly handOver: "none" | "offered" | "started";
  readonly citations: readonly Citation[];
}

export type AttachmentKind = "photo" | "voice" | "video" | "file" | "location" | "sticker";

/** A file that is kept with the service. */
export interface Attachment {
  readonly id: string;
  readonly kind: AttachmentKind;
  /** `announced`: its bytes are not there yet; `refused`: they were not kept. Absent in a message on its way. */
  readonly state?: "announced" | "stored" | "refused";
  readonly name?: string;
  /** Bytes. */
  readonly size?: number;
  /** What a voice says or a picture shows. */
  readonly text?: string;
}

export interface Message {
  readonly id: string;
  /** Grows with time; the cursor for "what came after". */
  readonly seq: number;
  readonly sender: Sender;
  readonly text: string;
  /** ISO timestamp. */
  readonly createdAt: string;
  readonly replyTo?: string;
  readonly rating?: Rating;
  readonly answer?: Answer;
  /** Texts that may be sent back as they are. */
  readonly quickReplies?: readonly string[];
  readonly attachments?: readonly Attachment[];
}

export interface MessagePage {
  readonly messages: readonly Message[];
  /** True while a contact message waits for the end of its turn. */
  readonly pending: boolean;
}

export interface Visitor {
  readonly token: string;
  readonly conversationId: string;
}

/** With what a conversation begins. */
export interface NewVisitor {
  readonly from?: string;
  readonly identity?: string;
}

export interface PassageSection {
  readonly id: string;
  readonly section: string;
  readonly text: string;
  /** True for the passage that was asked for. */
  readonly current: boolean;
}

export interface Passage {
  readonly id: string;
  readonly document: string;
  readonly section: string;
  readonly path: readonly string[];
  readonly text: string;
  readonly source: string;
  readonly region: string;
  readonly effective?: string;
  readonly repealed?: string;
  readonly verified?: string;
  readonly context: readonly PassageSection[];
}

export interface Hotline {
  readonly number: string;
  readonly name: string;
  readonly purpose: string;
  readonly when?: string;
}

export interface About {
  readonly federation: string;
  readonly assistant: string;
  readonly hotlines: readonly Hotline[];
  readonly examples: readonly string[];
  readonly limits: { readonly messageCharacters: number; readonly fileBytes?: number };
}
