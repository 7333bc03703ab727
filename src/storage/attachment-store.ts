import { type Kysely, sql } from "kysely";
import type { AttachmentStore, KeptAttachment } from "../attachments/attachment-store.ts";
import { AppError } from "../errors.ts";
import type { Attachment, AttachmentKind } from "../messaging/message.ts";
import type { RefusalReason } from "../messaging/refusal-reason.ts";
import { fileName, toAttachment } from "./attachment-rows.ts";
import type { Tables } from "./tables.ts";

/** A file that comes before the message that it belongs to. */
export interface NewUpload {
  /** Also the name of its file. */
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly name?: string;
}

/** The states of attachments in SQL. What is deleted here leaves its file's name in `files_to_remove`. */
export class SqlAttachmentStore implements AttachmentStore {
  readonly #db: Kysely<Tables>;
  readonly #now: () => Date;

  constructor({ db, now }: { db: Kysely<Tables>; now: () => Date }) {
    this.#db = db;
    this.#now = now;
  }

  /**
   * Sets an upload down before its bytes are kept, so that no file lies anywhere without a row. Throws
   * `channel.unknown_visitor` for a conversation that does not exist.
   */
  async announceUpload(conversationId: string, { id, kind, name }: NewUpload): Promise<void> {
    const { rows } = await sql`
      insert into attachments (id, conversation_id, ordinal, kind, state, name, received_at)
      select ${id}, id, 0, ${kind}, 'announced', ${fileName(name)}, ${this.#time()}::timestamptz
      from conversations where id = ${conversationId} returning id`.execute(this.#db);
    if (rows.length === 0) {
      throw new AppError("channel.unknown_visitor", `Conversation ${conversationId} does not exist.`);
    }
  }

  /** An upload came to nothing. One that belongs to a message stays. */
  async dropUpload(id: string): Promise<void> {
    await sql`
      with gone as (delete from attachments where id = ${id} and message_id is null returning id)
      insert into files_to_remove (id, since) select id, ${this.#time()}::timestamptz from gone
      on conflict do nothing`.execute(this.#db);
  }

  /** Undefined where this conversation has no such attachment. */
  async find(conversationId: string, id: string): Promise<Attachment | undefined> {
    const row = await this.#db
      .selectFrom("attachments")
      .selectAll()
      .where("id", "=", id)
      .where("conversation_id", "=", conversationId)
      .executeTakeFirst();
    return row === undefined ? undefined : toAttachment(row);
  }

  async markStored(id: string, { hash, size, mimeType }: KeptAttachment): Promise<boolean> {
    return this.#db.transaction().execute(async (tx) => {
      const marked = await tx
        .updateTable("attachments")
        // Where the channel finds the bytes is of no more use, and may tell who the contact is.
        .set({ state: "stored", reason: null, hash, size, mime_type: mimeType, reference: null })
        .where("id", "=", id)
        .returning("id")
        .executeTakeFirst();
      if (marked !== undefined) return true;
      await tx
        .insertInto("files_to_remove")
        .values({ id, since: this.#time() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return false;
    });
  }

  async markRefused(id: string, reason: RefusalReason): Promise<void> {
    await this.#db
      .updateTable("attachments")
      .set({ state: "refused", reason, reference: null })
      .where("id", "=", id)
      .where("state", "=", "announced")
      .execute();
  }

  async setText(id: string, text: string): Promise<void> {
    await this.#db
      .updateTable("attachments")
      .set({ text })
      .where("id", "=", id)
      .where("state", "=", "stored")
      .execute();
  }

  #time(): string {
    return this.#now().toISOString();
  }
}
