/** One event of a `text/event-stream`. */
export interface ServerEvent {
  readonly event: string;
  readonly data: string;
}

/** Takes the stream in pieces of any size and returns the events that each piece completes. */
export type EventParser = (piece: string) => ServerEvent[];

/**
 * Reads a `text/event-stream` as the HTML standard defines it: lines end in LF, CR or CR LF, comments are skipped,
 * several `data` lines are joined by LF, an event without data is dropped. `id` and `retry` are not kept: the
 * cursor is the sequence number inside the data.
 */
export function createEventParser(): EventParser {
  let rest = "";
  let event = "";
  let data: string[] = [];
  let isFirst = true;

  const takeLine = (line: string): ServerEvent | undefined => {
    if (line === "") {
      const done =
        data.length > 0 ? { event: event === "" ? "message" : event, data: data.join("\n") } : undefined;
      event = "";
      data = [];
      return done;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
    return undefined;
  };

  return (piece) => {
    rest += piece;
    if (isFirst && rest !== "") {
      rest = rest.replace(/^\uFEFF/, "");
      isFirst = false;
    }
    const events: ServerEvent[] = [];
    for (;;) {
      const end = rest.search(/[\r\n]/);
      // A CR at the very end may be the first half of CR LF: wait for the next piece.
      if (end === -1 || (rest[end] === "\r" && end === rest.length - 1)) return events;
      const done = takeLine(rest.slice(0, end));
      if (done !== undefined) events.push(done);
      rest = rest.slice(end + (rest.startsWith("\r\n", end) ? 2 : 1));
    }
  };
}
