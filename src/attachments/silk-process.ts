import { answerJobs } from "./answer-jobs.ts";

/** The part of `silk-wasm` that is used. */
interface Silk {
  decode(input: Uint8Array, rate: number): Promise<{ readonly data: Uint8Array }>;
}

/** What speech models work with. */
const samplesPerSecond = 16_000;

answerJobs(async (voice: Uint8Array) => {
  const { decode } = (await import(process.argv[2] ?? "")) as Silk;
  return wavOf((await decode(voice, samplesPerSecond)).data);
});

/** Samples of 16 bits, one channel. */
function wavOf(samples: Uint8Array): Uint8Array {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(samplesPerSecond, 24);
  head.writeUInt32LE(samplesPerSecond * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}
