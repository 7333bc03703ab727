import { ApiError } from "./api-client.ts";
import type { Attachment, AttachmentKind } from "./api-types.ts";
import { areAttachments } from "./kept-attachments.ts";
import type { Pictures } from "./pictures.ts";
import type { KeyValueStorage } from "./safe-storage.ts";
import { trayKey } from "./storage-keys.ts";
import { texts } from "./texts.ts";

/** Files of one message. */
export const mostFiles = 9;

/** A file that lies ready for the next message, or is on its way there. */
export interface TrayFile {
  /** Of this page; once the file is kept, the server's id. */
  readonly id: string;
  readonly kind: AttachmentKind;
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly state: "waiting" | "sending" | "kept" | "failed";
  /** How much of it is there, from 0 to 1. */
  readonly share: number;
  /** Why it failed, in words. */
  readonly problem?: string;
  /** Whether trying again may help. */
  readonly canRetry?: boolean;
}

export interface TrayState {
  readonly files: readonly TrayFile[];
  /** What the visitor must know of the last choice. */
  readonly note: string;
}

export interface FileToUpload {
  readonly content: Blob;
  readonly name: string;
  readonly kind: AttachmentKind;
}

export interface FileTrayPorts {
  readonly upload: (
    file: FileToUpload,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ) => Promise<string>;
  readonly storage: KeyValueStorage;
  readonly pictures: Pictures;
  readonly newId: () => string;
  /** Bytes of one file. */
  readonly largest: () => number;
}

/** The part of a browser's file that is used. */
export type PickedFile = Blob & { readonly name: string };

export interface FileTray {
  state(): TrayState;
  /** Calls back after every change; returns the way to stop. */
  subscribe(listener: () => void): () => void;
  add(files: readonly PickedFile[]): void;
  retry(id: string): void;
  remove(id: string): void;
  /** Takes the kept files for a message. */
  take(): readonly Attachment[];
  /** Files of a message that is taken back to be changed. */
  putBack(files: readonly Attachment[]): void;
}

/**
 * Uploads what was picked, one after the other, while the visitor writes. What is kept stays over a reload; what is
 * not must be picked again, because a page may not keep a phone's files.
 */
export function createFileTray(ports: FileTrayPorts): FileTray {
  const { storage, pictures } = ports;
  const listeners = new Set<() => void>();
  const contents = new Map<string, PickedFile>();
  let state: TrayState = { files: readKept(storage), note: "" };
  let running: { readonly id: string; readonly abort: AbortController } | undefined;

  const change = (files: readonly TrayFile[], note = "") => {
    state = { files, note };
    const kept = files.filter((file) => file.state === "kept").map(toAttachment);
    if (kept.length === 0) storage.remove(trayKey);
    else storage.set(trayKey, JSON.stringify(kept));
    for (const listener of [...listeners]) listener();
  };
  const edit = (id: string, edited: Partial<TrayFile>) =>
    change(
      state.files.map((file) => (file.id === id ? { ...file, ...edited } : file)),
      state.note,
    );

  const uploadNext = async () => {
    const file = state.files.find((one) => one.state === "waiting");
    const content = contents.get(file?.id ?? "");
    if (running !== undefined || file === undefined || content === undefined) return;
    const { id, kind, name } = file;
    const abort = new AbortController();
    running = { id, abort };
    edit(id, { state: "sending", share: 0 });
    try {
      const kept = await ports.upload({ content, name, kind }, (share) => edit(id, { share }), abort.signal);
      contents.delete(id);
      pictures.rename(id, kept);
      edit(id, { id: kept, state: "kept", share: 1 });
    } catch (error) {
      edit(id, { state: "failed", ...problemOf(error) });
    } finally {
      running = undefined;
    }
    await uploadNext();
  };

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(picked) {
      const room = mostFiles - state.files.length;
      const added = picked.slice(0, room).map((content) => {
        const id = ports.newId();
        const file = { id, kind: kindOf(content.type), name: content.name, size: content.size, share: 0 };
        if (content.size > ports.largest()) {
          const problem = texts.fileTooLarge(megabytes(ports.largest()));
          return { ...file, state: "failed" as const, problem, canRetry: false };
        }
        contents.set(id, content);
        if (file.kind === "photo") pictures.keep(id, content);
        return { ...file, state: "waiting" as const };
      });
      change([...state.files, ...added], picked.length > room ? texts.tooManyFiles(mostFiles) : "");
      void uploadNext();
    },
    retry(id) {
      edit(id, { state: "waiting", share: 0 });
      void uploadNext();
    },
    remove(id) {
      if (running?.id === id) running.abort.abort();
      contents.delete(id);
      pictures.drop(id);
      change(state.files.filter((file) => file.id !== id));
    },
    take() {
      const taken = state.files.filter((file) => file.state === "kept").map(toAttachment);
      change(state.files.filter((file) => file.state !== "kept"));
      return taken;
    },
    putBack(files) {
      change([...files.map(toTrayFile), ...state.files].slice(0, mostFiles));
    },
  };
}

function toAttachment({ id, kind, name, size }: TrayFile): Attachment {
  return { id, kind, name, size };
}

function toTrayFile({ id, kind, name = "", size = 0 }: Attachment): TrayFile {
  return { id, kind, name, size, state: "kept", share: 1 };
}

function readKept(storage: KeyValueStorage): readonly TrayFile[] {
  try {
    const kept: unknown = JSON.parse(storage.get(trayKey) ?? "[]");
    return areAttachments(kept) ? kept.map(toTrayFile) : [];
  } catch {
    return [];
  }
}

function kindOf(type: string): AttachmentKind {
  const kinds: Record<string, AttachmentKind> = { image: "photo", audio: "voice", video: "video" };
  return kinds[type.split("/")[0] ?? ""] ?? "file";
}

function problemOf(error: unknown): { problem: string; canRetry: boolean } {
  const { status, message } = error instanceof ApiError ? error : new ApiError(0, "");
  // What the server will not take as it is does not get better by sending it again.
  const canRetry = status === 0 || status === 400 || status === 401 || status === 429 || status >= 500;
  if (message !== "") return { problem: message, canRetry };
  return { problem: status === 413 ? texts.fileTooLargeAnyway : texts.uploadFailed, canRetry };
}

function megabytes(bytes: number): number {
  return Math.floor(bytes / 1024 / 1024);
}
