import type { Socket } from "node:net";
import { StringDecoder } from "node:string_decoder";

/** The longest line, in characters, that either side of the control socket sends or takes. */
export const longestLine = 1_048_576;

/**
 * Calls `onValue` with every JSON value that arrives, one a line. A line that is too long or no JSON ends the
 * connection with an error: memory stays bounded, and whoever sends that does not speak the protocol.
 */
export function readJsonLines(socket: Socket, onValue: (value: unknown) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  socket.on("data", (data: Buffer) => {
    const lines = (rest + decoder.write(data)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > longestLine || lines.some((line) => line.length > longestLine)) {
      socket.destroy(new Error(`a control line is longer than ${longestLine} characters`));
      return;
    }
    for (const line of lines) {
      const value = parse(line);
      if (value === undefined) {
        socket.destroy(new Error("a control line is not JSON"));
        return;
      }
      onValue(value);
    }
  });
}

/** Sends one value as a line; false, and nothing sent, where the line would be too long. */
export function writeJsonLine(socket: Socket, value: unknown): boolean {
  const line = JSON.stringify(value);
  if (line.length > longestLine) {
    return false;
  }
  if (socket.writable) {
    socket.write(`${line}\n`);
  }
  return true;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
