/** Pictures that can be shown: those picked on this visit, and those that were opened. */
export interface Pictures {
  /** The address of a picture that is here; undefined where it must be opened first. */
  known(id: string): string | undefined;
  /** Takes a picture that was picked on this phone. */
  keep(id: string, content: Blob): void;
  /** The same picture under another id. */
  rename(from: string, to: string): void;
  drop(id: string): void;
  /** Fetches a picture of the conversation. Rejects with the `ApiError`. */
  open(id: string): Promise<string>;
}

export interface PicturesOptions {
  readonly fetchFile: (id: string) => Promise<Blob>;
  readonly urls: Pick<typeof URL, "createObjectURL" | "revokeObjectURL">;
}

export function createPictures({ fetchFile, urls }: PicturesOptions): Pictures {
  const known = new Map<string, string>();
  const keep = (id: string, content: Blob): string => {
    const url = urls.createObjectURL(content);
    known.set(id, url);
    return url;
  };
  return {
    known: (id) => known.get(id),
    keep,
    rename(from, to) {
      const url = known.get(from);
      if (url === undefined) return;
      known.delete(from);
      known.set(to, url);
    },
    drop(id) {
      const url = known.get(id);
      if (url !== undefined) urls.revokeObjectURL(url);
      known.delete(id);
    },
    open: async (id) => known.get(id) ?? keep(id, await fetchFile(id)),
  };
}
