import { describe, expect, it } from "vitest";
import { atMost } from "../../../src/attachments/at-most.ts";
import { orAborted, untilAborted } from "../../../src/attachments/until-aborted.ts";
import { inPieces, stalled } from "../../support/sample-media.ts";

const reason = new Error("given up");

describe("a stream under a signal", () => {
  it("passes on whole", async () => {
    const passed: Uint8Array[] = [];
    for await (const piece of untilAborted(inPieces(Buffer.from("abcdef"), 2), new AbortController().signal))
      passed.push(piece);
    expect(Buffer.concat(passed).toString()).toBe("abcdef");
  });

  it("that hangs ends with the signal's reason, and is let go", async () => {
    const stop = new AbortController();
    const source = stalled(Buffer.from("x"));
    const pieces = untilAborted(source, stop.signal);
    await pieces.next();
    const next = pieces.next();
    stop.abort(reason);
    await expect(next).rejects.toBe(reason);
    await source.letGo;
  });

  it("is not begun where the signal fired before", async () => {
    const pieces = untilAborted(stalled(Buffer.from("x")), AbortSignal.abort(reason));
    await expect(pieces.next()).rejects.toBe(reason);
  });

  it("that is not read to its end is let go", async () => {
    const source = stalled(Buffer.from("x"));
    for await (const _ of untilAborted(source, new AbortController().signal)) break;
    await source.letGo;
  });

  it("passes its own error on", async () => {
    const failing = (async function* () {
      yield 1;
      throw reason;
    })();
    const pieces = untilAborted(failing, new AbortController().signal);
    await pieces.next();
    await expect(pieces.next()).rejects.toBe(reason);
  });
});

it("work that is given up leaves no rejection behind", async () => {
  const stop = new AbortController();
  const work = Promise.withResolvers<never>();
  const waiting = orAborted(work.promise, stop.signal);
  stop.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  work.reject(new Error("too late"));
});

describe("so much at once", () => {
  it("no more runs at a time, in order, and a failure gives its place on", async () => {
    const inTurn = atMost(2);
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
    const begun: number[] = [];
    const done = gates.map((gate, index) =>
      inTurn(() => {
        begun.push(index);
        return gate.promise;
      }),
    );
    const outcomes = Promise.allSettled(done);
    expect(begun).toEqual([0, 1]);
    gates[1]?.reject(reason);
    await done[1]?.catch(() => undefined);
    await Promise.resolve();
    expect(begun).toEqual([0, 1, 2]);
    for (const [index, gate] of gates.entries()) gate.resolve(index);
    expect((await outcomes).map(({ status }) => status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "fulfilled",
      "fulfilled",
    ]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });
});
